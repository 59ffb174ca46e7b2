#include "runtime/core/StandardStreams.h"

#include "runtime/core/Error.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

namespace advx::runtime {

namespace {

int outputError = 0; ///< errno of the first write to standard output that failed

} // namespace

void openStandardStreams() {
  for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    // The lowest free number is the stream's: those below it are open by now.
    if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF && ::open("/dev/null", O_RDWR) < 0)
      throw systemError("open", "/dev/null", errno);
}

void flushOutput() {
  errno = 0;
  if (std::fflush(stdout) != 0 && outputError == 0)
    outputError = errno;
}

void finishOutput() {
  flushOutput();
  if (outputError != 0)
    throw systemError("write", "standard output", outputError);
  // A print that filled the buffer wrote it, and left only a mark on the stream.
  if (std::ferror(stdout))
    throw Error(ExitCode::Environment, "standard output did not take all that was printed",
                "see whether the disk is full");
}

} // namespace advx::runtime
