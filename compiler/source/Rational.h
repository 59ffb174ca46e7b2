#ifndef ADVX_SOURCE_RATIONAL_H
#define ADVX_SOURCE_RATIONAL_H

#include <cstdint>
#include <optional>
#include <string>

namespace advx {

/// An exact number num/den in lowest terms, den > 0. Arithmetic answers nothing
/// where 128 bits do not suffice or the divisor is zero, so `8/255` stays exact
/// until the uniforms are filled and an overflow is an error, not a wrong number.
class Rational {
public:
  Rational(int64_t value = 0) : num(value) {}
  static std::optional<Rational> make(__int128 num, __int128 den);
  /// Reads `12`, `0.031`, `1e-3`, `2.5e2`.
  static std::optional<Rational> parse(const std::string &text);

  int64_t numerator() const { return num; }
  int64_t denominator() const { return den; }
  bool isInteger() const { return den == 1; }
  double toDouble() const;
  /// `7`, `8/255`.
  std::string str() const;

  friend std::optional<Rational> operator+(Rational a, Rational b);
  friend std::optional<Rational> operator-(Rational a, Rational b);
  friend std::optional<Rational> operator*(Rational a, Rational b);
  friend std::optional<Rational> operator/(Rational a, Rational b);
  friend bool operator==(Rational a, Rational b) { return a.num == b.num && a.den == b.den; }
  friend bool operator!=(Rational a, Rational b) { return !(a == b); }
  friend bool operator<(Rational a, Rational b) {
    return static_cast<__int128>(a.num) * b.den < static_cast<__int128>(b.num) * a.den;
  }

private:
  int64_t num = 0;
  int64_t den = 1;
};

} // namespace advx

#endif // ADVX_SOURCE_RATIONAL_H
