//===- ReadPage.cpp - Files of text, and nothing else -----------------------===//

#include "compiler/source/ReadPage.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace advx {

namespace {

/// What a file that is no regular one is.
const char *kindOf(mode_t mode) {
  if (S_ISDIR(mode))
    return "is a directory";
  if (S_ISFIFO(mode))
    return "is a pipe, not a file";
  if (S_ISCHR(mode) || S_ISBLK(mode))
    return "is a device, not a file";
  return "is no regular file";
}

/// Closes what it holds.
struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0)
      close(number);
  }
};

PageText failure(int error) {
  PageText result;
  result.missing = error == ENOENT || error == ENOTDIR;
  result.problem = std::string("cannot be opened: ") + std::strerror(error);
  return result;
}

} // namespace

PageText readPage(const std::string &path, size_t largest) {
  // Not to wait for the other end of a pipe.
  Descriptor file{open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)};
  struct stat status;
  if (file.number < 0 || fstat(file.number, &status) != 0)
    return failure(errno);
  PageText result;
  if (!S_ISREG(status.st_mode)) {
    result.problem = kindOf(status.st_mode);
    return result;
  }
  std::string text;
  char buffer[1 << 16];
  while (text.size() <= largest) {
    ssize_t count = read(file.number, buffer, sizeof buffer);
    if (count == 0) {
      result.text = std::move(text);
      return result;
    }
    if (count < 0 && errno != EINTR)
      return failure(errno);
    if (count > 0)
      text.append(buffer, static_cast<size_t>(count));
  }
  result.problem = "has more than " + std::to_string(largest) + " bytes" +
                   (largest == largestPage ? ", too many for a page" : "");
  return result;
}

} // namespace advx
