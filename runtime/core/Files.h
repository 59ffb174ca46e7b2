//===- Files.h - Whole files in, whole files out --------------------------===//
//
// What the runtime writes is either complete or absent: a file is written under
// a temporary name in its own directory, flushed to the disk, and renamed.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_FILES_H
#define ADVX_RUNTIME_CORE_FILES_H

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace advx::runtime {

/// The bytes of a regular file; throws as InputFile does.
std::vector<char> readFile(const std::string &path, const std::string &what);

bool fileExists(const std::string &path);
bool isDirectory(const std::string &path);

/// Creates a directory and its parents; one that exists is fine.
void makeDirectories(const std::string &path);

/// `directory/name`, without doubling the slash.
std::string joinPath(const std::string &directory, const std::string &name);
std::string parentDirectory(const std::string &path);
std::string absolutePath(const std::string &path);

/// Whether writing to a path means to write to what is there: a character device, a
/// FIFO, or the file that standard output or error goes to. Otherwise a file is to
/// appear there. What is neither is an environment error: a directory, a block
/// device, and a symbolic link to a file or to nothing, which is not written through.
bool isWrittenInPlace(const std::string &path);

/// Where an AtomicFile keeps its bytes until they are complete.
std::string temporaryPath(const std::string &path);

/// A file that appears under its name only when commit() returns. Until then
/// its bytes are in `.NAME.tmp` beside it, which the destructor removes. What
/// isWrittenInPlace is written at once; a FIFO that nobody reads is refused.
class AtomicFile {
public:
  explicit AtomicFile(const std::string &path);
  ~AtomicFile();
  AtomicFile(const AtomicFile &) = delete;
  AtomicFile &operator=(const AtomicFile &) = delete;

  void write(const void *data, size_t size);
  void write(std::string_view text) { write(text.data(), text.size()); }
  /// Flushes to the disk and renames; throws an environment error on failure.
  void commit();

private:
  [[noreturn]] void fail(const std::string &action, int errorNumber);

  std::string path;      ///< as the user gave it
  std::string temporary; ///< empty where the target is written in place
  int descriptor = -1;
  bool committed = false;
};

void writeFileAtomically(const std::string &path, std::string_view text);

/// Writes all bytes to a descriptor; returns 0 or an errno.
int writeFully(int descriptor, const void *data, size_t size);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_FILES_H
