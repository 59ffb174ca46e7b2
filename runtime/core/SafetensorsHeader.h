#ifndef ADVX_RUNTIME_CORE_SAFETENSORSHEADER_H
#define ADVX_RUNTIME_CORE_SAFETENSORSHEADER_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace advx::runtime {

/// A tensor inside a SafetensorsFile, which reads its data.
struct StoredTensor {
  std::string dtype; ///< as the format spells it: F32, F64, I64, BOOL, ...
  std::vector<int64_t> shape;
  uint64_t begin = 0; ///< of its data, behind the header
  uint64_t bytes = 0;
};

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
