#include "runtime/core/Files.h"

#include "runtime/core/Error.h"
#include "runtime/core/InputFile.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace advx::runtime {

namespace {

/// The descriptor of standard output or error where `file` is what it goes to; else negative.
int standardStream(const struct stat &file) {
  for (int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat status{};
    if (::fstat(stream, &status) == 0 && status.st_dev == file.st_dev &&
        status.st_ino == file.st_ino)
      return stream;
  }
  return -1;
}

/// Opens what is there and no regular file, to write behind what it holds.
int openInPlace(const std::string &path) {
  struct stat status{};
  int stream = ::stat(path.c_str(), &status) == 0 ? standardStream(status) : -1;
  if (stream >= 0)
    return ::fcntl(stream, F_DUPFD_CLOEXEC, 0);
  // Without O_NONBLOCK, a FIFO that nobody reads would be waited for.
  int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor >= 0)
    ::fcntl(descriptor, F_SETFL, 0);
  return descriptor;
}

std::string baseName(const std::string &path) {
  size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

} // namespace

std::vector<char> readFile(const std::string &path, const std::string &what) {
  InputFile file(path, what);
  std::vector<char> bytes(file.size());
  size_t filled = 0;
  for (;;) {
    // One byte more than the size tells the end of a file that grew meanwhile.
    if (filled == bytes.size())
      bytes.resize(bytes.size() + 4096);
    size_t count = file.read(bytes.data() + filled, bytes.size() - filled);
    if (count == 0)
      break;
    filled += count;
  }
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

std::string temporaryPath(const std::string &path) {
  return joinPath(parentDirectory(path), "." + baseName(path) + ".tmp");
}

bool isWrittenInPlace(const std::string &path) {
  struct stat status{}, link{};
  bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && (S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode)))
    throw Error(ExitCode::Environment,
                "cannot write `" + path + "`: it is " + fileKind(status.st_mode));
  if (exists && (!S_ISREG(status.st_mode) || standardStream(status) >= 0))
    return true;
  if (::lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode))
    throw Error(ExitCode::Environment,
                "cannot write `" + path +
                    "`: it is a symbolic link, and nothing is written "
                    "through one",
                "name the file itself, or remove the link");
  return false;
}

AtomicFile::AtomicFile(const std::string &path) : path(path) {
  if (isWrittenInPlace(path)) {
    descriptor = openInPlace(path);
  } else {
    temporary = temporaryPath(path);
    ::unlink(temporary.c_str()); // left by a run that was killed
    descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  }
  if (descriptor < 0) {
    int errorNumber = errno;
    temporary.clear();
    if (errorNumber == ENXIO)
      throw Error(ExitCode::Environment, "cannot write `" + path + "`: nobody reads there",
                  "start the reader of the FIFO or device first");
    throw systemError("write", path, errorNumber);
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
    if (::rename(temporary.c_str(), path.c_str()) != 0)
      fail("write", errno);
    // The rename itself survives a power cut only once the directory is flushed.
    std::string parent = parentDirectory(path);
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
