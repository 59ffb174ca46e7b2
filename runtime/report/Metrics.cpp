#include "runtime/report/Metrics.h"

#include "runtime/core/Error.h"
#include "runtime/core/Files.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace advx::runtime {

MetricsWriter::MetricsWriter(const std::string &path, int64_t events) : path(path), count(events) {
  descriptor = ::open(path.c_str(),
                      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
  if (descriptor < 0)
    throw systemError("write", path, errno);
  try {
    truncate(events);
  } catch (...) {
    ::close(descriptor);
    throw;
  }
}

void MetricsWriter::truncate(int64_t events) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
    throw Error(ExitCode::Environment, "cannot write `" + path + "`: it is no regular file");
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
    throw usageError("another process is training into the directory of `" + path + "`",
                     "wait for it, or choose another --out");
  if (events > 0) {
    std::vector<char> bytes = readFile(path, "metrics file");
    int64_t lines = 0;
    while (lines < events && length < bytes.size())
      lines += bytes[length++] == '\n';
    if (lines < events)
      throw dataError("`" + path + "` has " + std::to_string(lines) +
                          " lines, and the checkpoint counts " + std::to_string(events),
                      "put the file back as it was, or train into another directory");
  }
  if (::ftruncate(descriptor, off_t(length)) != 0)
    throw systemError("write", path, errno);
}

MetricsWriter::~MetricsWriter() {
  if (descriptor >= 0)
    ::close(descriptor);
}

void MetricsWriter::write(const std::string &line) {
  std::string text = line + "\n";
  if (int errorNumber = writeFully(descriptor, text.data(), text.size())) {
    // A full disk may have taken the beginning of the line.
    if (::ftruncate(descriptor, off_t(length)) != 0)
      throw systemError("write", path, errno);
    throw systemError("write", path, errorNumber);
  }
  length += text.size();
  ++count;
}

void MetricsWriter::sync() {
  if (::fsync(descriptor) != 0)
    throw systemError("write", path, errno);
}

} // namespace advx::runtime
