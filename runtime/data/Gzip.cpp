#include "runtime/data/Gzip.h"

#include "runtime/core/Error.h"

#include <algorithm>
#include <zlib.h>

namespace advx::runtime {

namespace {

/// Larger content than any image file has; keeps a forged file from filling memory.
constexpr size_t largestContent = size_t(8) << 30;

class Inflater {
public:
  Inflater() {
    // 16 asks for the gzip wrapper around the deflate stream.
    if (::inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
      throw Error(ExitCode::Environment, "cannot start zlib");
  }
  ~Inflater() { ::inflateEnd(&stream); }
  Inflater(const Inflater &) = delete;
  Inflater &operator=(const Inflater &) = delete;

  z_stream stream{};
};

} // namespace

bool isGzip(const std::vector<char> &bytes) {
  return bytes.size() >= 2 && uint8_t(bytes[0]) == 0x1F && uint8_t(bytes[1]) == 0x8B;
}

std::vector<char> inflateGzip(const std::vector<char> &bytes, const std::string &path) {
  Inflater inflater;
  z_stream &stream = inflater.stream;
  std::vector<char> content(std::max<size_t>(4096, bytes.size() * 4));
  size_t read = 0, filled = 0;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    if (filled == content.size())
      content.resize(content.size() * 2);
    if (content.size() > largestContent)
      throw dataError("`" + path + "` holds more than 8 GiB");
    constexpr size_t chunk = size_t(1) << 30; // zlib counts in 32 bits
    size_t input = std::min(chunk, bytes.size() - read);
    size_t output = std::min(chunk, content.size() - filled);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data() + read));
    stream.avail_in = uInt(input);
    stream.next_out = reinterpret_cast<Bytef *>(content.data() + filled);
    stream.avail_out = uInt(output);
    status = ::inflate(&stream, Z_NO_FLUSH);
    read += input - stream.avail_in;
    filled += output - stream.avail_out;
    if (status == Z_STREAM_END)
      break;
    bool starved = read == bytes.size() && stream.avail_out != 0;
    if (starved && (status == Z_OK || status == Z_BUF_ERROR))
      throw dataError("`" + path + "` is truncated: the compressed data ends early",
                      "fetch the file again");
    if (status != Z_OK && status != Z_BUF_ERROR)
      throw dataError("`" + path +
                          "` is damaged: " + (stream.msg ? stream.msg : "not a gzip stream"),
                      "fetch the file again");
  }
  if (read != bytes.size())
    throw dataError("`" + path + "` has " + std::to_string(bytes.size() - read) +
                    " extra bytes behind the compressed data");
  content.resize(filled);
  return content;
}

} // namespace advx::runtime
