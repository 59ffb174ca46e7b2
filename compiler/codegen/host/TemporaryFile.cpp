#include "compiler/codegen/host/TemporaryFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"

#include <csignal>

namespace advx::codegen {
namespace {

/// Lets signals wait, so that none comes between a file and its entry in the list of those to
/// remove.
class BlockedSignals {
public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, &before);
  }
  ~BlockedSignals() { ::sigprocmask(SIG_SETMASK, &before, nullptr); }
  BlockedSignals(const BlockedSignals &) = delete;
  BlockedSignals &operator=(const BlockedSignals &) = delete;

private:
  sigset_t before;
};

} // namespace

TemporaryFile::~TemporaryFile() {
  if (name.empty())
    return;
  // It may never have been made.
  [[maybe_unused]] std::error_code absent = llvm::sys::fs::remove(name);
  release();
}

std::error_code TemporaryFile::create(const llvm::Twine &pattern, bool executable) {
  BlockedSignals untilTaken;
  llvm::SmallString<128> unique;
  int descriptor = -1;
  if (std::error_code error = llvm::sys::fs::createUniqueFile(
          pattern, descriptor, unique, llvm::sys::fs::OF_None, executable ? 0755 : 0666))
    return error;
  take(unique);
  return llvm::sys::Process::SafelyCloseFileDescriptor(descriptor);
}

void TemporaryFile::take(llvm::StringRef path) {
  name = path.str();
  llvm::sys::RemoveFileOnSignal(name);
}

void TemporaryFile::release() {
  llvm::sys::DontRemoveFileOnSignal(name);
  name.clear();
}

} // namespace advx::codegen
