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

/// The bytes of a file. Throws a data error where the file is missing or
/// unreadable, naming `what` ("checkpoint", "data file").
std::vector<char> readFile(const std::string &path, const std::string &what);

bool fileExists(const std::string &path);
bool isDirectory(const std::string &path);

/// Creates a directory and its parents; one that exists is fine.
void makeDirectories(const std::string &path);

/// `directory/name`, without doubling the slash.
std::string joinPath(const std::string &directory, const std::string &name);
std::string parentDirectory(const std::string &path);
std::string absolutePath(const std::string &path);

/// A file that appears under its name only when commit() returns. Until then
/// its bytes are in `.NAME.tmp` beside it, which the destructor removes. A path
/// that leads to a device (such as /dev/stdout) is written in place.
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

  std::string path;      ///< as the user gave it, for messages
  std::string target;    ///< with links resolved
  std::string temporary; ///< empty where the target is written in place
  int descriptor = -1;
  bool committed = false;
};

void writeFileAtomically(const std::string &path, std::string_view text);

/// Writes all bytes to a descriptor; returns 0 or an errno.
int writeFully(int descriptor, const void *data, size_t size);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_FILES_H
