#include "runtime/core/InputFile.h"

#include "runtime/core/Error.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace advx::runtime {

namespace {

/// What one call of read(2) is asked for: Linux takes no more than 2 GiB at a time.
constexpr size_t largestRead = size_t(1) << 30;

} // namespace

const char *fileKind(unsigned mode) {
  if (S_ISDIR(mode))
    return "a directory";
  if (S_ISFIFO(mode))
    return "a FIFO";
  if (S_ISSOCK(mode))
    return "a socket";
  if (S_ISCHR(mode) || S_ISBLK(mode))
    return "a device";
  return S_ISLNK(mode) ? "a symbolic link" : "no regular file";
}

InputFile::InputFile(const std::string &path, const std::string &what) : name(path), what(what) {
  auto cannotRead = [&]() -> Error {
    if (errno == ENOENT || errno == ENOTDIR)
      return dataError("there is no " + what + " `" + path + "`");
    return systemError("read the " + what, path, errno);
  };
  struct stat status{};
  // Looked at first: to open a device may already do something.
  if (::stat(path.c_str(), &status) != 0)
    throw cannotRead();
  if (S_ISREG(status.st_mode)) {
    descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
      throw cannotRead();
    if (::fstat(descriptor, &status) != 0) {
      int errorNumber = errno;
      ::close(descriptor);
      throw systemError("read the " + what, path, errorNumber);
    }
  }
  if (!S_ISREG(status.st_mode)) {
    if (descriptor >= 0)
      ::close(descriptor);
    throw dataError("`" + path + "` is " + fileKind(status.st_mode) + ", not a " + what);
  }
  bytes = uint64_t(status.st_size);
}

InputFile::~InputFile() {
  if (descriptor >= 0)
    ::close(descriptor);
}

size_t InputFile::read(char *target, size_t count) {
  size_t filled = 0;
  while (filled < count) {
    ssize_t got = ::read(descriptor, target + filled, std::min(count - filled, largestRead));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      throw systemError("read the " + what, name, errno);
    if (got == 0)
      break;
    filled += size_t(got);
  }
  return filled;
}

void InputFile::readAt(uint64_t offset, char *target, size_t count) const {
  while (count > 0) {
    ssize_t got = ::pread(descriptor, target, std::min(count, largestRead), off_t(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      throw systemError("read the " + what, name, errno);
    if (got == 0)
      throw dataError("`" + name + "` was cut short while it was read");
    target += got;
    offset += uint64_t(got);
    count -= size_t(got);
  }
}

} // namespace advx::runtime
