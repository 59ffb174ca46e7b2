#include "runtime/core/Numbers.h"

#include "compiler/source/Rational.h"

#include <charconv>
#include <cmath>

namespace advx::runtime {

namespace {

/// One literal without a sign of its own beyond a leading minus, rounded once however long it is.
std::optional<double> parseLiteral(std::string_view text) {
  double value = 0;
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<Rational> parseFactor(std::string_view text) {
  bool negative = !text.empty() && text[0] == '-';
  std::optional<Rational> value = Rational::parse(std::string(text.substr(negative)));
  return value && negative ? Rational(0) - *value : value;
}

/// `a/b*c`, from the left. Spaces may stand around the signs between the factors.
std::optional<double> parseFraction(std::string_view text) {
  std::optional<Rational> value = Rational(1);
  char sign = '*';
  while (value) {
    size_t end = text.find_first_of("*/");
    std::string_view factor = text.substr(0, end);
    if (end != std::string_view::npos)
      while (!factor.empty() && factor.back() == ' ')
        factor.remove_suffix(1);
    std::optional<Rational> next = parseFactor(factor);
    if (!next)
      return std::nullopt;
    value = sign == '*' ? *value * *next : *value / *next;
    if (end == std::string_view::npos)
      break;
    sign = text[end];
    text.remove_prefix(end + 1);
    while (!text.empty() && text[0] == ' ')
      text.remove_prefix(1);
  }
  return value ? std::optional(value->toDouble()) : std::nullopt;
}

} // namespace

std::optional<double> parseNumber(std::string_view text) {
  if (text == "true" || text == "false")
    return text == "true";
  std::optional<double> literal = parseLiteral(text);
  return literal ? literal : parseFraction(text);
}

std::optional<uint64_t> parseCount(std::string_view text, uint64_t most) {
  uint64_t value = 0;
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || value > most)
    return std::nullopt;
  return value;
}

std::string formatNumber(double value) {
  char buffer[64];
  auto [end, status] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, end);
}

} // namespace advx::runtime
