#ifndef ADVX_RUNTIME_CORE_SAFETENSORSHEADER_H
#define ADVX_RUNTIME_CORE_SAFETENSORSHEADER_H

#include "runtime/core/Safetensors.h"

#include <optional>
#include <string_view>

namespace advx::runtime {

/// What the header of a safetensors file says, checked against the format.
struct SafetensorsHeader {
  std::map<std::string, StoredTensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Reads a header in one pass, in time and memory linear in its length; the nesting that the format
/// has is all that is followed. `dataBytes` lie behind it, and its tensors must be all of them.
/// Returns what is wrong with it, or nothing.
std::optional<std::string> parseSafetensorsHeader(std::string_view text, uint64_t dataBytes,
                                                  SafetensorsHeader &header);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_SAFETENSORSHEADER_H
