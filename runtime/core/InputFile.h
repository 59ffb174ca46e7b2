//===- InputFile.h - A file to read ---------------------------------------===//
//
// Everything that an executable reads is a regular file. A FIFO or a device
// would make it wait, or never end, so such a path is refused before it is opened.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_INPUTFILE_H
#define ADVX_RUNTIME_CORE_INPUTFILE_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace advx::runtime {

/// A regular file, opened for reading.
class InputFile {
public:
  /// Throws a data error, naming `what` ("checkpoint", "data file"), where there is no file or
  /// another thing than a regular file; an environment error where it cannot be opened.
  InputFile(const std::string &path, const std::string &what);
  ~InputFile();
  InputFile(const InputFile &) = delete;
  InputFile &operator=(const InputFile &) = delete;

  const std::string &path() const { return name; }
  /// In bytes, when it was opened.
  uint64_t size() const { return bytes; }
  /// Reads on from where the last read ended; fewer than `count` bytes only at the end.
  size_t read(char *target, size_t count);
  /// Reads exactly `count` bytes from `offset`. A file that ends there is a data error.
  void readAt(uint64_t offset, char *target, size_t count) const;

private:
  std::string name, what;
  int descriptor = -1;
  uint64_t bytes = 0;
};

/// "a directory", "a FIFO", ...: what a mode of `stat` says of a thing that is no regular file.
const char *fileKind(unsigned mode);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_INPUTFILE_H
