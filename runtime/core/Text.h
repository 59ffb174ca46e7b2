//===- Text.h - Texts of strangers, as records and terminals take them ----===//
//
// Names of files, tensors and settings come from outside and may hold any byte.
// JSON holds UTF-8 alone, and a terminal obeys control characters.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_TEXT_H
#define ADVX_RUNTIME_CORE_TEXT_H

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace advx::runtime {

/// The text with every byte that is not part of a UTF-8 character written as `\xHH`.
std::string validUtf8(std::string_view text);

/// Of that, what a terminal may show: control characters but the end of a line are `\xHH` too.
std::string printable(std::string_view text);

/// The value as JSON text, whatever bytes its strings hold: those are written as validUtf8 has
/// them. `indent` as nlohmann's `dump` takes it.
std::string jsonText(nlohmann::ordered_json value, int indent = -1);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_TEXT_H
