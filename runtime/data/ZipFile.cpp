#include "runtime/data/ZipFile.h"

#include "runtime/core/Error.h"
#include "runtime/core/InputFile.h"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <vector>

namespace advx::runtime {

namespace {

/// What a byte of a deflate stream can become at most (zlib's documentation: 1032).
constexpr uint64_t highestRatio = 1032;

} // namespace

struct ZipFile::Reader {
  explicit Reader(const std::string &path) : file(path, "data file"), buffer(1 << 18) {
    if (!handle)
      throw Error(ExitCode::Environment, "there is not enough memory to read `" + path + "`");
    // By the directory: without it there is no telling whether the end of the file is there.
    ::archive_read_support_format_zip_seekable(handle.get());
    ::archive_read_set_read_callback(handle.get(), readMore);
    ::archive_read_set_seek_callback(handle.get(), seek);
    ::archive_read_set_callback_data(handle.get(), this);
    if (::archive_read_open1(handle.get()) != ARCHIVE_OK)
      fail();
  }
  Reader(const Reader &) = delete;
  Reader &operator=(const Reader &) = delete;

  /// Exceptions do not pass through C: they wait.
  static la_ssize_t readMore(struct archive *handle, void *self, const void **bytes) {
    Reader &reader = *static_cast<Reader *>(self);
    try {
      size_t count = size_t(std::min<uint64_t>(reader.buffer.size(), reader.left()));
      reader.file.readAt(reader.position, reader.buffer.data(), count);
      reader.position += count;
      *bytes = reader.buffer.data();
      return la_ssize_t(count);
    } catch (...) {
      reader.problem = std::current_exception();
      ::archive_set_error(handle, EIO, "it cannot be read");
      return -1;
    }
  }

  static la_int64_t seek(struct archive *, void *self, la_int64_t offset, int whence) {
    Reader &reader = *static_cast<Reader *>(self);
    const auto size = la_int64_t(reader.file.size());
    const la_int64_t from = whence == SEEK_SET   ? 0
                            : whence == SEEK_CUR ? la_int64_t(reader.position)
                                                 : size;
    reader.position = uint64_t(std::clamp<la_int64_t>(from + offset, 0, size));
    return la_int64_t(reader.position);
  }

  uint64_t left() const { return file.size() - position; }

  [[noreturn]] void fail() {
    if (problem)
      std::rethrow_exception(problem);
    char magic[2] = {};
    if (file.size() >= sizeof(magic))
      file.readAt(0, magic, sizeof(magic));
    const bool isZip = magic[0] == 'P' && magic[1] == 'K';
    const char *reason = ::archive_error_string(handle.get());
    if (isZip && !entry)
      throw dataError("`" + file.path() +
                          "` is cut short or damaged: the directory at its end cannot be read",
                      "fetch the file again");
    throw dataError("`" + file.path() + "` is " + (isZip ? "damaged: " : "no readable npz file: ") +
                        (reason ? reason : "it cannot be read"),
                    isZip ? "fetch the file again"
                          : "an npz file is what `numpy.savez` or `numpy.savez_compressed` writes");
  }

  InputFile file;
  uint64_t position = 0;
  std::vector<char> buffer;
  std::unique_ptr<struct archive, decltype(&::archive_read_free)> handle{::archive_read_new(),
                                                                         &::archive_read_free};
  struct archive_entry *entry = nullptr;
  std::exception_ptr problem;
};

ZipFile::ZipFile(const std::string &path) : reader(std::make_unique<Reader>(path)) {}

ZipFile::~ZipFile() = default;

bool ZipFile::next() {
  int status = ::archive_read_next_header(reader->handle.get(), &reader->entry);
  // A warning is about a name that this machine's characters cannot write.
  if (status == ARCHIVE_OK || status == ARCHIVE_WARN)
    return true;
  if (status != ARCHIVE_EOF)
    reader->fail();
  return false;
}

std::string ZipFile::name() const {
  const char *path = ::archive_entry_pathname(reader->entry);
  return path ? path : "";
}

size_t ZipFile::read(char *target, size_t count) {
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

uint64_t ZipFile::mostBytes() const {
  const uint64_t size = reader->file.size();
  return size < UINT64_MAX / highestRatio ? size * highestRatio : UINT64_MAX;
}

} // namespace advx::runtime
