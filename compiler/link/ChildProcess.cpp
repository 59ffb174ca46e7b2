#include "compiler/link/ChildProcess.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace fs = llvm::sys::fs;

namespace advx::link {
namespace {

volatile std::sig_atomic_t received = 0;

void note(int signal) { received = signal; }

/// While it lives, signals are only noted. Its end raises the last one noted.
class HeldSignals {
public:
  HeldSignals() {
    received = 0;
    // A linker driver that a signal ends leaves its linker behind: that then becomes our child.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    struct sigaction hold{};
    hold.sa_handler = note;
    hold.sa_flags = SA_RESTART;
    for (auto [signal, before] : llvm::zip(signals, previous)) {
      ::sigaction(signal, nullptr, &before);
      if (before.sa_handler != SIG_IGN)
        ::sigaction(signal, &hold, nullptr);
    }
  }
  ~HeldSignals() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
    for (auto [signal, before] : llvm::zip(signals, previous))
      ::sigaction(signal, &before, nullptr);
    if (received != 0)
      ::raise(received);
  }
  HeldSignals(const HeldSignals &) = delete;
  HeldSignals &operator=(const HeldSignals &) = delete;

  /// What a program that a signal ended left running.
  static void waitForOrphans() {
    while (received != 0 && (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR))
      ;
  }

private:
  static constexpr std::array<int, 3> signals = {SIGHUP, SIGINT, SIGTERM};
  std::array<struct sigaction, 3> previous{};
};

/// A folder for temporary files. It goes with all that is in it.
class Folder {
public:
  Folder() { error = fs::createUniqueDirectory("advx-run", path); }
  ~Folder() {
    if (error)
      return;
    // What cannot be removed is nothing that a build could mend.
    [[maybe_unused]] std::error_code remains = fs::remove_directories(path);
  }
  Folder(const Folder &) = delete;
  Folder &operator=(const Folder &) = delete;

  std::error_code error;
  llvm::SmallString<128> path;
};

} // namespace

Outcome runProgram(llvm::StringRef program, llvm::ArrayRef<std::string> arguments) {
  HeldSignals held;
  Folder folder;
  if (folder.error)
    return {false, "cannot make a temporary folder: " + folder.error.message(), true};

  std::vector<llvm::StringRef> words = {program}, environment;
  llvm::append_range(words, arguments);
  for (char **variable = ::environ; *variable; ++variable)
    if (!llvm::StringRef(*variable).starts_with("TMPDIR="))
      environment.emplace_back(*variable);
  std::string temporary = ("TMPDIR=" + folder.path).str();
  environment.emplace_back(temporary);
  llvm::SmallString<128> log(folder.path);
  llvm::sys::path::append(log, "log");
  std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(""), log.str(), log.str()};

  std::string reason;
  int status = llvm::sys::ExecuteAndWait(program, words, llvm::ArrayRef(environment), redirects,
                                         /*SecondsToWait=*/0, /*MemoryLimit=*/0, &reason);
  HeldSignals::waitForOrphans();
  Outcome outcome{status == 0, "", false};
  if (auto buffer = llvm::MemoryBuffer::getFile(log))
    outcome.said = (*buffer)->getBuffer().str();
  outcome.said += reason;
  return outcome;
}

} // namespace advx::link
