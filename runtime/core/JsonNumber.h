//===- JsonNumber.h - Numbers that JSON has no form for -------------------===//

#ifndef ADVX_RUNTIME_CORE_JSONNUMBER_H
#define ADVX_RUNTIME_CORE_JSONNUMBER_H

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace advx::runtime {

/// The number; "nan", "inf" or "-inf" where it is not finite, which JSON would make `null` of.
inline nlohmann::ordered_json jsonNumber(double value) {
  if (std::isfinite(value))
    return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/// Reads what jsonNumber writes; nothing where `json` is another thing.
template <typename Json> std::optional<double> numberOf(const Json &json) {
  if (json.is_number())
    return json.template get<double>();
  if (json == "nan")
    return std::numeric_limits<double>::quiet_NaN();
  if (json == "inf" || json == "-inf")
    return (json == "inf" ? 1 : -1) * std::numeric_limits<double>::infinity();
  return std::nullopt;
}

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_JSONNUMBER_H
