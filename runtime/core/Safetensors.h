//===- Safetensors.h - Named tensors in a file ----------------------------===//
//
// The format of https://github.com/huggingface/safetensors: eight bytes with
// the length of a JSON header (little endian), the header, the data. Reading
// checks everything that the format promises before any byte is used.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_SAFETENSORS_H
#define ADVX_RUNTIME_CORE_SAFETENSORS_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace advx::runtime {

/// A tensor inside a SafetensorsFile; `data` points into it.
struct StoredTensor {
  std::string dtype; ///< as the format spells it: F32, F64, I64, BOOL, ...
  std::vector<int64_t> shape;
  const char *data = nullptr;
  size_t bytes = 0;
};

class SafetensorsFile {
public:
  /// Reads and checks a whole file; a data error says what is wrong with it.
  explicit SafetensorsFile(const std::string &path);

  const std::string &path() const { return filePath; }
  const std::map<std::string, StoredTensor> &tensors() const { return stored; }
  const StoredTensor *find(const std::string &name) const;
  const std::map<std::string, std::string> &metadata() const { return meta; }

private:
  std::string filePath;
  std::vector<char> bytes;
  std::map<std::string, StoredTensor> stored;
  std::map<std::string, std::string> meta;
};

/// A tensor to write; `data` is borrowed.
struct TensorToWrite {
  std::string name, dtype;
  std::vector<int64_t> shape;
  const void *data;
  size_t bytes;
};

/// Writes a file atomically. The bytes depend on the arguments alone.
void writeSafetensors(const std::string &path, const std::vector<TensorToWrite> &tensors,
                      const std::map<std::string, std::string> &metadata);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_SAFETENSORS_H
