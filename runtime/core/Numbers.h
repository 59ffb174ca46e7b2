//===- Numbers.h - Numbers as users write and read them -------------------===//

#ifndef ADVX_RUNTIME_CORE_NUMBERS_H
#define ADVX_RUNTIME_CORE_NUMBERS_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace advx::runtime {

/// A number as users write it: `3`, `0.1`, `1e-3`, `true`, `false`, or products
/// and quotients of such, `8/255`, `-2*1/255`, which mean what a page means by
/// them: from the left, exact, rounded once. Nothing if the text is not one, not
/// finite, or a fraction that 64 bits do not hold.
std::optional<double> parseNumber(std::string_view text);

/// A whole number in decimal digits from 0 to `most`; nothing for all else.
std::optional<uint64_t> parseCount(std::string_view text, uint64_t most);

/// The shortest decimal that reads back as the same double.
std::string formatNumber(double value);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_NUMBERS_H
