//===- Process.cpp - What the program owes the machine ----------------------===//

#include "compiler/driver/Driver.h"

#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <new>
#include <sys/resource.h>
#include <unistd.h>

namespace advx::driver {

namespace {

/// Nothing is left to allocate a message with, nor to unwind to.
[[noreturn]] void endWithoutMemory() {
  constexpr char text[] = "advx: there is not enough memory\n"
                          "  help: free some, or raise the limit (ulimit -v)\n";
  [[maybe_unused]] ssize_t count = ::write(STDERR_FILENO, text, sizeof(text) - 1);
  llvm::sys::RunInterruptHandlers(); // removes temporary files
  ::_exit(environment);
}

/// The stack grows page by page, and a page that it cannot have is a segmentation fault. So it
/// grows now as far as it usually does, where the limit of the address space leaves room for that.
void growStack() {
  constexpr size_t size = 2 << 20;
  rlimit limit{};
  size_t pages = 0;
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return;
  if (FILE *file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%zu", &pages) != 1)
      pages = 0;
    std::fclose(file);
  }
  if (pages * static_cast<size_t>(::sysconf(_SC_PAGESIZE)) + 2 * size > limit.rlim_cur)
    endWithoutMemory();
  [[maybe_unused]] volatile char stack[size];
  for (size_t place = 0; place < size; place += 4096)
    stack[size - 1 - place] = 0;
}

} // namespace

void prepareProcess() {
  for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    // The lowest free number is the stream's: those below it are open by now.
    if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF && ::open("/dev/null", O_RDWR) < 0)
      ::_exit(environment);
  growStack();
  std::set_new_handler(endWithoutMemory);
  llvm::install_bad_alloc_error_handler([](void *, const char *, bool) { endWithoutMemory(); });
}

int finishOutput(int code) {
  std::cout.flush();
  llvm::outs().flush();
  std::error_code problem = llvm::outs().error();
  // Otherwise its destructor ends the process over it.
  llvm::outs().clear_error();
  if (!problem && std::cout.good())
    return code;
  std::cerr << "advx: cannot write standard output"
            << (problem ? ": " + problem.message() : std::string())
            << "\n  help: see whether the disk is full\n";
  return code == success ? environment : code;
}

} // namespace advx::driver
