#include "runtime/data/Archive.h"

#include "runtime/core/Error.h"
#include "runtime/data/DataFile.h"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <exception>
#include <vector>

namespace advx::runtime {

/// libarchive takes the archive apart; DataFile inflates it and holds it to its checksum, which
/// libarchive does not.
struct Archive::Reader {
  explicit Reader(const std::string &path) : file(path), buffer(1 << 16) {
    if (!handle)
      throw Error(ExitCode::Environment, "there is not enough memory to read `" + path + "`");
    ::archive_read_support_format_tar(handle.get());
    if (::archive_read_open(handle.get(), this, nullptr, readMore, nullptr) != ARCHIVE_OK)
      fail();
  }
  Reader(const Reader &) = delete;
  Reader &operator=(const Reader &) = delete;

  /// libarchive asks for more of the archive. Exceptions do not pass through C: they wait.
  static la_ssize_t readMore(struct archive *handle, void *self, const void **bytes) {
    Reader &reader = *static_cast<Reader *>(self);
    try {
      *bytes = reader.buffer.data();
      return la_ssize_t(reader.file.read(reader.buffer.data(), reader.buffer.size()));
    } catch (...) {
      reader.problem = std::current_exception();
      ::archive_set_error(handle, EIO, "it cannot be read");
      return -1;
    }
  }

  [[noreturn]] void fail() {
    if (problem)
      std::rethrow_exception(problem);
    const char *reason = ::archive_error_string(handle.get());
    throw dataError("`" + file.path() +
                        "` is no readable tar archive: " + (reason ? reason : "it is damaged"),
                    "fetch the file again");
  }

  DataFile file;
  std::vector<char> buffer;
  std::unique_ptr<struct archive, decltype(&::archive_read_free)> handle{::archive_read_new(),
                                                                         &::archive_read_free};
  struct archive_entry *entry = nullptr;
  std::exception_ptr problem;
};

Archive::Archive(const std::string &path) : reader(std::make_unique<Reader>(path)) {}

Archive::~Archive() = default;

bool Archive::next() {
  int status = ::archive_read_next_header(reader->handle.get(), &reader->entry);
  // A warning is about a name that this machine's characters cannot write.
  if (status == ARCHIVE_OK || status == ARCHIVE_WARN)
    return true;
  if (status != ARCHIVE_EOF)
    reader->fail();
  while (reader->file.read(reader->buffer.data(), reader->buffer.size()) > 0) {
  }
  return false;
}

std::string Archive::name() const {
  const char *path = ::archive_entry_pathname(reader->entry);
  std::string name = path ? path : "";
  return name.substr(name.rfind('/') + 1); // npos + 1 is 0
}

std::string Archive::describe() const {
  const char *path = ::archive_entry_pathname(reader->entry);
  return "`" + reader->file.path() + "`, `" + (path ? path : "") + "`";
}

uint64_t Archive::size() const {
  bool isFile = ::archive_entry_filetype(reader->entry) == AE_IFREG &&
                !::archive_entry_hardlink(reader->entry) &&
                ::archive_entry_sparse_count(reader->entry) == 0;
  if (!isFile || !::archive_entry_size_is_set(reader->entry))
    throw dataError(describe() + " is a link or another thing than a plain file");
  la_int64_t size = ::archive_entry_size(reader->entry);
  if (size < 0 || uint64_t(size) > reader->file.mostBytes())
    throw dataError(describe() + " claims " + std::to_string(size) +
                    " bytes, which an archive of this size does not hold");
  return uint64_t(size);
}

size_t Archive::read(char *target, size_t count) {
  size_t filled = 0;
  while (filled < count) {
    la_ssize_t got = ::archive_read_data(reader->handle.get(), target + filled,
                                         std::min(count - filled, size_t(1) << 30));
    if (got < 0)
      reader->fail();
    if (got == 0)
      break;
    filled += size_t(got);
  }
  return filled;
}

} // namespace advx::runtime
