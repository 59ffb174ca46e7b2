//===- Rational.cpp - Exact numbers ---------------------------------------===//

#include "compiler/source/Rational.h"

#include <cctype>
#include <cmath>
#include <cstdlib>

namespace advx {
namespace {

using Wide = __int128;

Wide greatestCommonDivisor(Wide a, Wide b) {
  while (b != 0) {
    const Wide rest = a % b;
    a = b;
    b = rest;
  }
  return a < 0 ? -a : a;
}

/// Multiplies by ten, or answers false where the result leaves 126 bits.
bool shiftDecimal(Wide &value, int digit) {
  const Wide limit = static_cast<Wide>(1) << 122;
  if (value > limit)
    return false;
  value = value * 10 + digit;
  return true;
}

} // namespace

std::optional<Rational> Rational::make(__int128 num, __int128 den) {
  if (den == 0)
    return std::nullopt;
  if (den < 0) {
    num = -num;
    den = -den;
  }
  const Wide divisor = greatestCommonDivisor(num, den);
  num /= divisor;
  den /= divisor;
  if (num > INT64_MAX || num < -static_cast<Wide>(INT64_MAX) || den > INT64_MAX)
    return std::nullopt;
  Rational result;
  result.num = static_cast<int64_t>(num);
  result.den = static_cast<int64_t>(den);
  return result;
}

std::optional<Rational> Rational::parse(const std::string &text) {
  Wide num = 0;
  int scale = 0; // power of ten that the digits are still to be multiplied by
  size_t i = 0;
  bool digits = false, point = false;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.' && !point) {
      point = true;
    } else if (std::isdigit(static_cast<unsigned char>(c))) {
      if (!shiftDecimal(num, c - '0'))
        return std::nullopt;
      scale -= point ? 1 : 0;
      digits = true;
    } else {
      break;
    }
  }
  if (!digits)
    return std::nullopt;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E')
      return std::nullopt;
    char *end = nullptr;
    const long exponent = std::strtol(text.c_str() + i + 1, &end, 10);
    if (end == text.c_str() + i + 1 || *end != '\0' || exponent > 1000 || exponent < -1000)
      return std::nullopt;
    scale += static_cast<int>(exponent);
  }
  Wide den = 1;
  // Trailing zeros go first: `1.0000000000000000000000` has a small value.
  while (scale < 0 && num != 0 && num % 10 == 0) {
    num /= 10;
    ++scale;
  }
  if (num == 0)
    return Rational(0);
  for (; scale > 0; --scale)
    if (!shiftDecimal(num, 0))
      return std::nullopt;
  for (; scale < 0; ++scale)
    if (!shiftDecimal(den, 0))
      return std::nullopt;
  return make(num, den);
}

double Rational::toDouble() const {
  // The quotient with at least 62 bits, the last of which says whether more follow: rounding it
  // rounds the fraction, once.
  using Bits = unsigned __int128;
  Bits dividend = num < 0 ? -static_cast<Bits>(num) : static_cast<Bits>(num);
  if (dividend == 0)
    return 0;
  int shift = 0;
  for (; dividend >> 126 == 0; ++shift)
    dividend <<= 1;
  const Bits divisor = static_cast<Bits>(den);
  const Bits quotient = dividend / divisor | (dividend % divisor != 0);
  const double size = std::ldexp(static_cast<double>(quotient), -shift);
  return num < 0 ? -size : size;
}

std::string Rational::str() const {
  return den == 1 ? std::to_string(num) : std::to_string(num) + "/" + std::to_string(den);
}

// A product of two 64-bit numbers fits 127 bits; a sum of two such products 128.
std::optional<Rational> operator+(Rational a, Rational b) {
  return Rational::make(static_cast<Wide>(a.num) * b.den + static_cast<Wide>(b.num) * a.den,
                        static_cast<Wide>(a.den) * b.den);
}
std::optional<Rational> operator-(Rational a, Rational b) {
  return Rational::make(static_cast<Wide>(a.num) * b.den - static_cast<Wide>(b.num) * a.den,
                        static_cast<Wide>(a.den) * b.den);
}
std::optional<Rational> operator*(Rational a, Rational b) {
  return Rational::make(static_cast<Wide>(a.num) * b.num, static_cast<Wide>(a.den) * b.den);
}
std::optional<Rational> operator/(Rational a, Rational b) {
  return Rational::make(static_cast<Wide>(a.num) * b.den, static_cast<Wide>(a.den) * b.num);
}

} // namespace advx
