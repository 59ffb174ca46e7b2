#ifndef ADVX_COMPILER_CODEGEN_HOST_TEMPORARYFILE_H
#define ADVX_COMPILER_CODEGEN_HOST_TEMPORARYFILE_H

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Signals.h"

#include <string>
#include <system_error>

namespace advx::codegen {

/// A path whose file is removed when this goes, and also where a signal ends the process first.
class TemporaryFile {
public:
  TemporaryFile() = default;
  explicit TemporaryFile(llvm::StringRef path) { take(path); }
  ~TemporaryFile() {
    if (name.empty())
      return;
    // It may never have been made.
    [[maybe_unused]] std::error_code absent = llvm::sys::fs::remove(name);
    release();
  }
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;

  /// Answers for the file at `path`, which need not exist yet. Only once.
  void take(llvm::StringRef path) {
    name = path.str();
    llvm::sys::RemoveFileOnSignal(name);
  }

  /// The file stays, or is no longer at the path.
  void release() {
    llvm::sys::DontRemoveFileOnSignal(name);
    name.clear();
  }

  /// Empty before `take` and after `release`.
  const std::string &path() const { return name; }

private:
  std::string name;
};

} // namespace advx::codegen

#endif
