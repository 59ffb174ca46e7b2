#include "runtime/core/Files.h"

#include "runtime/core/Error.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace advx::runtime {

namespace {

/// The file that a path leads to through links; the path itself if it is new.
std::string resolveLinks(const std::string &path) {
  char *resolved = ::realpath(path.c_str(), nullptr);
  if (!resolved)
    return path;
  std::string result = resolved;
  std::free(resolved);
  return result;
}

std::string baseName(const std::string &path) {
  size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

} // namespace

std::vector<char> readFile(const std::string &path, const std::string &what) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT)
      throw dataError("there is no " + what + " `" + path + "`");
    throw systemError("read the " + what, path, errno);
  }
  struct stat status{};
  if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
    ::close(descriptor);
    throw dataError("`" + path + "` is a directory, not a " + what);
  }
  std::vector<char> bytes(status.st_size > 0 ? size_t(status.st_size) : 0);
  size_t filled = 0;
  for (;;) {
    // One byte more than the size tells the end of a file that grew meanwhile.
    if (filled == bytes.size())
      bytes.resize(bytes.size() + 4096);
    ssize_t count = ::read(descriptor, bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0) {
      int errorNumber = errno;
      ::close(descriptor);
      throw systemError("read the " + what, path, errorNumber);
    }
    if (count == 0)
      break;
    filled += size_t(count);
  }
  ::close(descriptor);
  bytes.resize(filled);
  return bytes;
}

bool fileExists(const std::string &path) { return ::access(path.c_str(), F_OK) == 0; }

bool isDirectory(const std::string &path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

void makeDirectories(const std::string &path) {
  if (path.empty() || isDirectory(path))
    return;
  makeDirectories(parentDirectory(path));
  if (::mkdir(path.c_str(), 0777) != 0 && !(errno == EEXIST && isDirectory(path)))
    throw systemError("create the directory", path, errno);
}

std::string joinPath(const std::string &directory, const std::string &name) {
  if (directory.empty() || (!name.empty() && name[0] == '/'))
    return name;
  return directory.back() == '/' ? directory + name : directory + "/" + name;
}

std::string parentDirectory(const std::string &path) {
  size_t end = path.find_last_not_of('/');
  if (end == std::string::npos)
    return path.empty() ? "" : "/";
  size_t slash = path.find_last_of('/', end);
  if (slash == std::string::npos)
    return "";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string absolutePath(const std::string &path) {
  if (!path.empty() && path[0] == '/')
    return path;
  std::error_code failed;
  std::string current = std::filesystem::current_path(failed).string();
  return failed ? path : joinPath(current, path);
}

int writeFully(int descriptor, const void *data, size_t size) {
  const char *bytes = static_cast<const char *>(data);
  while (size > 0) {
    ssize_t count = ::write(descriptor, bytes, size);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return errno;
    bytes += count;
    size -= size_t(count);
  }
  return 0;
}

AtomicFile::AtomicFile(const std::string &path) : path(path), target(resolveLinks(path)) {
  struct stat status{};
  bool inPlace = ::stat(target.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
  if (inPlace && S_ISDIR(status.st_mode))
    throw systemError("write", path, EISDIR);
  if (inPlace) {
    descriptor = ::open(target.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    temporary = joinPath(parentDirectory(target), "." + baseName(target) + ".tmp");
    ::unlink(temporary.c_str()); // left by a run that was killed
    descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  }
  if (descriptor < 0) {
    temporary.clear();
    throw systemError("write", path, errno);
  }
}

AtomicFile::~AtomicFile() {
  if (descriptor >= 0)
    ::close(descriptor);
  if (!committed && !temporary.empty())
    ::unlink(temporary.c_str());
}

void AtomicFile::fail(const std::string &action, int errorNumber) {
  throw systemError(action, path, errorNumber);
}

void AtomicFile::write(const void *data, size_t size) {
  if (int errorNumber = writeFully(descriptor, data, size))
    fail("write", errorNumber);
}

void AtomicFile::commit() {
  // A device has nothing to flush and says so with EINVAL or EROFS.
  if (::fsync(descriptor) != 0 && !temporary.empty())
    fail("write", errno);
  int closed = ::close(descriptor);
  descriptor = -1;
  if (closed != 0)
    fail("write", errno);
  if (!temporary.empty()) {
    if (::rename(temporary.c_str(), target.c_str()) != 0)
      fail("write", errno);
    // The rename itself survives a power cut only once the directory is flushed.
    std::string parent = parentDirectory(target);
    int directory = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_CLOEXEC);
    if (directory >= 0) {
      ::fsync(directory);
      ::close(directory);
    }
  }
  committed = true;
}

void writeFileAtomically(const std::string &path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

} // namespace advx::runtime
