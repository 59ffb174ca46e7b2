#include "compiler/link/TemporaryFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"

#include <csignal>

namespace fs = llvm::sys::fs;

namespace advx::link {
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
  [[maybe_unused]] std::error_code absent = fs::remove(name);
  release();
}

// LLVM's createUniqueFile would take a % of the user's for a digit to fill in.
std::error_code TemporaryFile::create(const llvm::Twine &prefix, llvm::StringRef suffix,
                                      bool executable) {
  constexpr int attempts = 100;
  BlockedSignals untilTaken;
  std::error_code error;
  for (int i = 0; i < attempts; ++i) {
    unsigned random = llvm::sys::Process::GetRandomNumber() & 0xffffff;
    std::string path = (prefix + llvm::utohexstr(random, /*LowerCase=*/true, 6) + suffix).str();
    int descriptor = -1;
    error = fs::openFileForWrite(path, descriptor, fs::CD_CreateNew, fs::OF_None,
                                 executable ? 0755 : 0666);
    if (error == std::errc::file_exists)
      continue;
    if (error)
      return error;
    take(path);
    return llvm::sys::Process::SafelyCloseFileDescriptor(descriptor);
  }
  return error;
}

void TemporaryFile::take(llvm::StringRef path) {
  name = path.str();
  llvm::sys::RemoveFileOnSignal(name);
}

void TemporaryFile::release() {
  llvm::sys::DontRemoveFileOnSignal(name);
  name.clear();
}

} // namespace advx::link
