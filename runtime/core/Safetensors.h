//===- Safetensors.h - Named tensors in a file ----------------------------===//
//
// The format of https://github.com/huggingface/safetensors: eight bytes with
// the length of a JSON header (little endian), the header, the data. Reading
// checks everything that the format promises before any byte is used.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_SAFETENSORS_H
#define ADVX_RUNTIME_CORE_SAFETENSORS_H

#include "runtime/core/InputFile.h"
#include "runtime/core/SafetensorsHeader.h"

#include <functional>

namespace advx::runtime {

class SafetensorsFile {
public:
  /// Reads the header and checks it against the file; a data error says what is wrong with it.
  explicit SafetensorsFile(const std::string &path);

  const std::string &path() const { return file.path(); }
  const std::map<std::string, StoredTensor> &tensors() const { return stored; }
  const StoredTensor *find(const std::string &name) const;
  const std::map<std::string, std::string> &metadata() const { return meta; }
  /// Reads the data of one of its tensors, `tensor.bytes` bytes.
  void read(const StoredTensor &tensor, char *target) const;

private:
  InputFile file;
  uint64_t dataBegin = 0;
  std::map<std::string, StoredTensor> stored;
  std::map<std::string, std::string> meta;
};

/// A tensor to write. Its bytes are at `data`, which is borrowed; where that is null, `read` copies
/// them when their turn comes, so that a state is never in memory twice.
struct TensorToWrite {
  std::string name, dtype;
  std::vector<int64_t> shape;
  const void *data;
  size_t bytes;
  std::function<void(void *to)> read = {};
};

/// Writes a file atomically. The bytes depend on the arguments alone.
void writeSafetensors(const std::string &path, const std::vector<TensorToWrite> &tensors,
                      const std::map<std::string, std::string> &metadata);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_SAFETENSORS_H
