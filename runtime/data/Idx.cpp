#include "runtime/data/Idx.h"

#include "runtime/core/Error.h"
#include "runtime/data/DataFile.h"
#include "runtime/data/DataPlace.h"

#include <memory>

namespace advx::runtime {

namespace {

/// The third byte of an IDX file's magic number says what its elements are.
constexpr uint8_t unsignedBytes = 0x08;

/// A file whose header is read and fits its length as far as that tells.
struct IdxFile {
  explicit IdxFile(const std::string &path) : file(path) {}

  DataFile file;
  std::vector<int64_t> extents;
  uint64_t bytes = 1; ///< of data, by the header

  /// Reads all data to `target`, which holds `bytes` bytes; nothing may follow.
  void read(char *target) {
    size_t count = file.read(target, size_t(bytes));
    if (count < bytes)
      throw truncated(file.path(), std::to_string(count), extents);
    char next;
    if (file.read(&next, 1) == 0)
      return;
    std::string extra =
        file.isCompressed() ? "" : std::to_string(file.mostBytes() - headerBytes() - bytes) + " ";
    throw dataError("`" + file.path() + "` has " + extra + "extra bytes behind the " +
                    std::to_string(bytes) + " of its header " + formatShape(extents));
  }

  uint64_t headerBytes() const { return 4 + 4 * extents.size(); }

  static Error truncated(const std::string &path, const std::string &held,
                         const std::vector<int64_t> &extents) {
    return dataError("`" + path + "` is truncated: it holds " + held +
                         " bytes of data, and its header " + formatShape(extents) +
                         " asks for more",
                     "fetch the file again");
  }
};

int64_t bigEndian(const char *bytes) {
  return int64_t(uint8_t(bytes[0])) << 24 | int64_t(uint8_t(bytes[1])) << 16 |
         int64_t(uint8_t(bytes[2])) << 8 | int64_t(uint8_t(bytes[3]));
}

/// Opens a file of `directory` and reads its header; `what` names what it must hold.
std::unique_ptr<IdxFile> openIdx(const std::string &directory, const std::string &name,
                                 const char *what, size_t lowestRank, size_t highestRank) {
  std::string path = findDataFile(directory, name);
  auto idx = std::make_unique<IdxFile>(path);
  char magic[4] = {};
  if (idx->file.read(magic, sizeof(magic)) < sizeof(magic) || magic[0] != 0 || magic[1] != 0)
    throw dataError("`" + path + "` is not an IDX file: it does not start with two zero bytes");
  size_t rank = uint8_t(magic[3]);
  if (uint8_t(magic[2]) != unsignedBytes || rank < lowestRank || rank > highestRank)
    throw dataError("`" + path + "` does not hold " + what + ": its magic number is " +
                    std::to_string(bigEndian(magic)) + ", expected " +
                    std::to_string(unsignedBytes * 256 + lowestRank));
  bool tooLarge = false;
  for (size_t i = 0; i < rank; ++i) {
    char extent[4];
    if (idx->file.read(extent, sizeof(extent)) < sizeof(extent))
      throw dataError("`" + path + "` is truncated: it ends inside its header",
                      "fetch the file again");
    idx->extents.push_back(bigEndian(extent));
    tooLarge |= __builtin_mul_overflow(idx->bytes, uint64_t(idx->extents.back()), &idx->bytes);
  }
  // Before memory is asked for: a header may promise what the file cannot hold.
  uint64_t most = idx->file.mostBytes(), header = idx->headerBytes();
  if (tooLarge || most < header || idx->bytes > most - header)
    throw IdxFile::truncated(path, "at most " + std::to_string(most > header ? most - header : 0),
                             idx->extents);
  return idx;
}

} // namespace

Images readIdx(const std::string &directory, const std::vector<std::string> &files,
               const std::vector<int64_t> &image) {
  if (files.size() != 2)
    throw dataError("data in IDX format is two files, images and labels; the page names " +
                    std::to_string(files.size()));
  // Images of one channel may leave that axis out, as the files of MNIST do.
  bool isGrey = image.size() > 1 && image[0] == 1;
  std::unique_ptr<IdxFile> pixels = openIdx(
      directory, files[0], "images", isGrey ? image.size() : image.size() + 1, image.size() + 1);
  std::unique_ptr<IdxFile> labels = openIdx(directory, files[1], "labels", 1, 1);
  if (pixels->extents[0] != labels->extents[0])
    throw dataError("`" + pixels->file.path() + "` holds " + std::to_string(pixels->extents[0]) +
                    " images and `" + labels->file.path() + "` " +
                    std::to_string(labels->extents[0]) + " labels");
  Images images;
  images.count = pixels->extents[0];
  images.shape.assign(pixels->extents.begin() + 1, pixels->extents.end());
  if (images.shape.size() < image.size())
    images.shape.insert(images.shape.begin(), 1);
  if (images.shape != image)
    throw dataError("`" + pixels->file.path() + "` holds images of shape " +
                        formatShape(images.shape) + ", and the program is compiled for " +
                        formatShape(image),
                    "give the data that the page names to --data");
  Images::Part &part = images.parts.emplace_back();
  part.count = images.count;
  part.records = Buffer(size_t(pixels->bytes), MemoryKind::Data);
  pixels->read(part.records.data());
  std::vector<char> bytes(size_t(labels->bytes));
  labels->read(bytes.data());
  for (char byte : bytes)
    images.labels.push_back(uint8_t(byte));
  return images;
}

} // namespace advx::runtime
