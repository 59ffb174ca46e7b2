#include "runtime/data/Idx.h"

#include "runtime/core/Error.h"
#include "runtime/core/Files.h"
#include "runtime/data/Gzip.h"

#include <cstring>

namespace advx::runtime {

namespace {

/// The third byte of an IDX file's magic number says what its elements are.
constexpr uint8_t unsignedBytes = 0x08;

/// A file whose header is checked against its length.
struct IdxFile {
  std::string path;
  std::vector<char> bytes;
  std::vector<int64_t> extents;
  size_t dataBegin = 0;

  const char *data() const { return bytes.data() + dataBegin; }
  size_t dataBytes() const { return bytes.size() - dataBegin; }
};

int64_t bigEndian(const char *bytes) {
  return int64_t(uint8_t(bytes[0])) << 24 | int64_t(uint8_t(bytes[1])) << 16 |
         int64_t(uint8_t(bytes[2])) << 8 | int64_t(uint8_t(bytes[3]));
}

std::string findFile(const std::string &directory, const std::string &name) {
  std::string path = joinPath(directory, name);
  if (fileExists(path))
    return path;
  if (fileExists(path + ".gz"))
    return path + ".gz";
  if (!isDirectory(directory))
    throw dataError("there is no directory `" + directory + "`",
                    "--data takes the directory that holds `" + name + "` or `" + name + ".gz`");
  throw dataError("`" + directory + "` holds neither `" + name + "` nor `" + name + ".gz`");
}

IdxFile readFileAs(const std::string &directory, const std::string &name, const char *what,
                   size_t lowestRank, size_t highestRank) {
  IdxFile file;
  file.path = findFile(directory, name);
  file.bytes = readFile(file.path, "data file");
  if (isGzip(file.bytes))
    file.bytes = inflateGzip(file.bytes, file.path);
  const std::vector<char> &bytes = file.bytes;
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0)
    throw dataError("`" + file.path +
                    "` is not an IDX file: it does not start with two zero bytes");
  size_t rank = uint8_t(bytes[3]);
  if (uint8_t(bytes[2]) != unsignedBytes || rank < lowestRank || rank > highestRank)
    throw dataError("`" + file.path + "` does not hold " + what + ": its magic number is " +
                    std::to_string(bigEndian(bytes.data())) + ", expected " +
                    std::to_string(unsignedBytes * 256 + lowestRank));
  file.dataBegin = 4 + 4 * rank;
  if (bytes.size() < file.dataBegin)
    throw dataError("`" + file.path + "` is truncated: it ends inside its header",
                    "fetch the file again");
  uint64_t expected = 1;
  bool tooLarge = false;
  for (size_t i = 0; i < rank; ++i) {
    file.extents.push_back(bigEndian(bytes.data() + 4 + 4 * i));
    tooLarge |= __builtin_mul_overflow(expected, uint64_t(file.extents.back()), &expected);
  }
  if (tooLarge || expected > file.dataBytes())
    throw dataError("`" + file.path + "` is truncated: it holds " +
                        std::to_string(file.dataBytes()) + " bytes of data, and its header " +
                        formatShape(file.extents) + " asks for more",
                    "fetch the file again");
  if (expected < file.dataBytes())
    throw dataError("`" + file.path + "` has " + std::to_string(file.dataBytes() - expected) +
                    " extra bytes behind the " + std::to_string(expected) + " of its header " +
                    formatShape(file.extents));
  return file;
}

} // namespace

Images readIdx(const std::string &directory, const std::vector<std::string> &files) {
  if (files.size() != 2)
    throw dataError("data in IDX format is two files, images and labels; the page names " +
                    std::to_string(files.size()));
  IdxFile pixels = readFileAs(directory, files[0], "images", 3, 4);
  IdxFile labels = readFileAs(directory, files[1], "labels", 1, 1);
  if (pixels.extents[0] != labels.extents[0])
    throw dataError("`" + pixels.path + "` holds " + std::to_string(pixels.extents[0]) +
                    " images and `" + labels.path + "` " + std::to_string(labels.extents[0]) +
                    " labels");
  Images images;
  images.count = pixels.extents[0];
  images.shape.assign(pixels.extents.begin() + 1, pixels.extents.end());
  if (images.shape.size() == 2) // grey images leave out their one channel
    images.shape.insert(images.shape.begin(), 1);
  images.pixels = Buffer(pixels.dataBytes(), MemoryKind::Data);
  if (pixels.dataBytes() > 0)
    std::memcpy(images.pixels.data(), pixels.data(), pixels.dataBytes());
  for (size_t i = 0; i < labels.dataBytes(); ++i)
    images.labels.push_back(uint8_t(labels.data()[i]));
  return images;
}

} // namespace advx::runtime
