#ifndef ADVX_COMPILER_LINK_TEMPORARYFILE_H
#define ADVX_COMPILER_LINK_TEMPORARYFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"

#include <string>
#include <system_error>

namespace advx::link {

/// A path whose file is removed when this goes, and also where a signal ends the process first.
class TemporaryFile {
public:
  TemporaryFile() = default;
  explicit TemporaryFile(llvm::StringRef path) { take(path); }
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;

  /// Makes an empty file of a new name: `prefix`, six digits and `suffix`. With `executable` it may
  /// be executed.
  std::error_code create(const llvm::Twine &prefix, llvm::StringRef suffix,
                         bool executable = false);

  /// Answers for the file at `path`, which need not exist yet. Only once.
  void take(llvm::StringRef path);

  /// The file stays, or is no longer at the path.
  void release();

  /// Empty before `create` or `take` and after `release`.
  const std::string &path() const { return name; }

private:
  std::string name;
};

} // namespace advx::link

#endif
