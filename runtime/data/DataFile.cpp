#include "runtime/data/DataFile.h"

#include "runtime/core/Error.h"

#include <algorithm>
#include <cstring>
#include <vector>
#include <zlib.h>

namespace advx::runtime {

namespace {

/// What a byte of a deflate stream can become at most (zlib's documentation: 1032).
constexpr uint64_t highestRatio = 1032;
constexpr unsigned char gzipMagic[2] = {0x1F, 0x8B};

bool startsWithMagic(const unsigned char *bytes) {
  return std::memcmp(bytes, gzipMagic, sizeof(gzipMagic)) == 0;
}

} // namespace

struct DataFile::Inflater {
  explicit Inflater(InputFile &file) : file(file), buffer(1 << 16) {
    stream.next_in = buffer.data();
    // 16 asks for the gzip wrapper around the deflate stream.
    if (::inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
      throw Error(ExitCode::Environment, "there is not enough memory to start zlib");
  }
  ~Inflater() { ::inflateEnd(&stream); }
  Inflater(const Inflater &) = delete;
  Inflater &operator=(const Inflater &) = delete;

  /// Puts more of the file behind what is not yet used; false where there is no more.
  bool refill() {
    std::memmove(buffer.data(), stream.next_in, stream.avail_in);
    size_t count = file.read(reinterpret_cast<char *>(buffer.data()) + stream.avail_in,
                             buffer.size() - stream.avail_in);
    fileRead += count;
    stream.next_in = buffer.data();
    stream.avail_in += uInt(count);
    return count > 0;
  }

  /// Behind the end of a member: goes on to the next one, or ends.
  void nextMember() {
    if (stream.avail_in < sizeof(gzipMagic))
      refill();
    if (stream.avail_in == 0) {
      ended = true;
    } else if (stream.avail_in >= sizeof(gzipMagic) && startsWithMagic(stream.next_in)) {
      ::inflateReset(&stream);
    } else {
      uint64_t rest = stream.avail_in + (file.size() > fileRead ? file.size() - fileRead : 0);
      throw dataError("`" + file.path() + "` has " + std::to_string(rest) +
                      " extra bytes behind the compressed data");
    }
  }

  size_t read(char *target, size_t count) {
    size_t filled = 0;
    while (filled < count && !ended) {
      bool more = stream.avail_in > 0 || refill();
      size_t room = std::min(count - filled, size_t(1) << 30); // zlib counts in 32 bits
      stream.next_out = reinterpret_cast<Bytef *>(target + filled);
      stream.avail_out = uInt(room);
      int status = ::inflate(&stream, Z_NO_FLUSH);
      filled += room - stream.avail_out;
      if (status == Z_STREAM_END)
        nextMember();
      else if (status == Z_MEM_ERROR)
        throw Error(ExitCode::Environment,
                    "there is not enough memory to inflate `" + file.path() + "`");
      else if (status != Z_OK && status != Z_BUF_ERROR)
        throw dataError("`" + file.path() +
                            "` is damaged: " + (stream.msg ? stream.msg : "not a gzip stream"),
                        "fetch the file again");
      else if (!more && stream.avail_out > 0)
        throw dataError("`" + file.path() + "` is truncated: the compressed data ends early",
                        "fetch the file again");
    }
    return filled;
  }

  InputFile &file;
  std::vector<unsigned char> buffer;
  uint64_t fileRead = 0; ///< bytes of the file that were in the buffer
  z_stream stream{};
  bool ended = false;
};

DataFile::DataFile(const std::string &path) : file(path, "data file") {
  unsigned char magic[sizeof(gzipMagic)] = {};
  if (file.size() >= sizeof(magic))
    file.readAt(0, reinterpret_cast<char *>(magic), sizeof(magic));
  if (startsWithMagic(magic))
    inflater = std::make_unique<Inflater>(file);
}

DataFile::~DataFile() = default;

uint64_t DataFile::mostBytes() const {
  return inflater && file.size() < UINT64_MAX / highestRatio ? file.size() * highestRatio
                                                             : file.size();
}

size_t DataFile::read(char *target, size_t count) {
  return inflater ? inflater->read(target, count) : file.read(target, count);
}

} // namespace advx::runtime
