#include "runtime/data/Npz.h"

#include "compiler/source/NpyHead.h"
#include "runtime/core/Error.h"
#include "runtime/core/Files.h"
#include "runtime/data/ZipFile.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace advx::runtime {

namespace {

/// Images that are moved from the order of the file to ours at a time.
constexpr int64_t chunk = 256;

struct IntegerForm {
  size_t bytes;
  int64_t (*read)(const char *);
};

template <typename T> int64_t readAs(const char *at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return int64_t(value);
}

/// The types of labels, by numpy's spelling. A label beyond int64 is negative, hence no class.
const std::map<std::string, IntegerForm> integerForms = {
    {"|i1", {1, readAs<int8_t>}},   {"|u1", {1, readAs<uint8_t>}}, {"<i2", {2, readAs<int16_t>}},
    {"<u2", {2, readAs<uint16_t>}}, {"<i4", {4, readAs<int32_t>}}, {"<u4", {4, readAs<uint32_t>}},
    {"<i8", {8, readAs<int64_t>}},  {"<u8", {8, readAs<uint64_t>}}};

class Reader {
public:
  Reader(const std::string &path, const DataDescription &description)
      : path(path), description(description), zip(path) {}

  Images read() {
    images.shape = description.image;
    while (zip.next()) {
      const std::string name = zip.name();
      if (name == description.imageArray + ".npy")
        once(hasImages, name), readImages();
      else if (name == description.labelArray + ".npy")
        once(hasLabels, name), readLabels();
      else
        others += (others.empty() ? "`" : ", `") + name.substr(0, name.rfind(".npy")) + "`";
    }
    if (!hasImages || !hasLabels)
      missing(hasImages ? description.labelArray : description.imageArray);
    if (int64_t(images.labels.size()) != images.count)
      throw dataError("`" + path + "` holds " + std::to_string(images.count) + " images and " +
                      std::to_string(images.labels.size()) + " labels");
    for (int64_t i = 0; i < images.count; ++i)
      checkLabel(images.labels[size_t(i)], description,
                 [&] { return "example " + std::to_string(i) + " in `" + path + "`"; });
    return std::move(images);
  }

private:
  void once(bool &has, const std::string &name) {
    if (has)
      throw dataError("`" + path + "` holds two files `" + name + "`");
    has = true;
  }

  [[noreturn]] void missing(const std::string &array) {
    throw dataError("`" + path + "` holds no array `" + array + "`" +
                        (others.empty() ? "" : "; it also holds " + others),
                    "name the arrays on the page, as in `npz(\"FILE\", image = \"images\", label = "
                    "\"labels\")`");
  }

  /// The array `name` is not as it should be.
  [[noreturn]] void refuse(const std::string &name, const std::string &found,
                           const std::string &expected, const std::string &help) {
    throw dataError(
        "the array `" + name + "` of `" + path + "` is " + found + ", expected " + expected, help);
  }

  NpyHead head(const std::string &name) {
    NpyHead result =
        readNpyHead([&](char *target, size_t count) { return zip.read(target, count); });
    if (!result.problem.empty())
      refuse(name, result.problem, result.expected, "write the file again with `numpy.savez`");
    if (result.isFortran && result.shape.size() > 1)
      refuse(name, "in Fortran order", "C order, the last axis fastest",
             "save it as `numpy.ascontiguousarray(a)`");
    return result;
  }

  /// The bytes of so many elements, if the file can hold them.
  size_t bytesOf(const std::string &name, const NpyHead &array, size_t width) {
    uint64_t bytes = width;
    bool tooMany = false;
    for (int64_t extent : array.shape)
      tooMany |= __builtin_mul_overflow(bytes, uint64_t(extent), &bytes);
    if (tooMany || bytes > zip.mostBytes())
      refuse(name, "of shape " + formatShape(array.shape) + ", more than a file of this size holds",
             "an array that the file holds", "fetch the file again");
    return size_t(bytes);
  }

  void readExactly(const std::string &name, const NpyHead &array, char *target, size_t bytes) {
    if (zip.read(target, bytes) < bytes)
      refuse(name, "cut short", "all of " + formatShape(array.shape), "fetch the file again");
  }

  void checkEnd(const std::string &name, const NpyHead &array) {
    char next;
    if (zip.read(&next, 1) > 0)
      refuse(name, "longer than its shape " + formatShape(array.shape), "nothing behind it",
             "write the file again with `numpy.savez`");
  }

  /// Whether the channels are the last axis of the file; refuses other shapes.
  bool isChannelsLast(const NpyHead &array) {
    const std::vector<int64_t> &image = description.image;
    std::vector<int64_t> found = array.shape;
    if (!found.empty())
      found.erase(found.begin());
    std::vector<int64_t> last = image, grey = image;
    std::rotate(last.begin(), last.begin() + 1, last.end());
    grey.erase(grey.begin());
    const bool isGrey = image.size() > 1 && image[0] == 1 && found == grey;
    if (image.size() > 1 && found == last)
      return image[0] > 1;
    if (found == image || isGrey)
      return false;
    refuse(description.imageArray, "of shape " + formatShape(array.shape),
           "N images " + formatShape(last) + " or " + formatShape(image),
           "mix images of one shape: resize these, or name other data");
  }

  void readImages() {
    const std::string &name = description.imageArray;
    const NpyHead array = head(name);
    if (array.type != "|u1")
      refuse(name, "of elements `" + array.type + "`", "bytes, `uint8`, from 0 to 255",
             "save it as `a.astype(\"uint8\")`, scaled to 255 first where it is in [0, 1]");
    const bool last = isChannelsLast(array);
    images.count = array.shape[0];
    Images::Part &part = images.parts.emplace_back();
    part.count = images.count;
    part.records = Buffer(bytesOf(name, array, 1), MemoryKind::Data);
    if (!last)
      readExactly(name, array, part.records.data(), part.records.size());
    else
      readChannelsLast(name, array, part);
    checkEnd(name, array);
  }

  /// Some images at a time, so that all of them are held once.
  void readChannelsLast(const std::string &name, const NpyHead &array, Images::Part &part) {
    const int64_t bytes = images.imageBytes(), channels = description.image[0];
    const int64_t pixels = bytes / channels;
    std::vector<char> some(size_t(std::min(chunk, part.count) * bytes));
    char *to = part.records.data();
    for (int64_t done = 0; done < part.count; done += chunk) {
      const int64_t count = std::min(chunk, part.count - done);
      readExactly(name, array, some.data(), size_t(count * bytes));
      for (int64_t i = 0; i < count; ++i)
        for (int64_t c = 0; c < channels; ++c)
          for (int64_t p = 0; p < pixels; ++p)
            *to++ = some[size_t(i * bytes + p * channels + c)];
    }
  }

  void readLabels() {
    const std::string &name = description.labelArray;
    const NpyHead array = head(name);
    auto form = integerForms.find(array.type);
    if (form == integerForms.end())
      refuse(name, "of elements `" + array.type + "`", "integers, little-endian",
             "save it as `a.astype(\"int64\")`");
    if (array.shape.size() != 1)
      refuse(name, "of shape " + formatShape(array.shape), "one number an image",
             "save it as `a.reshape(-1)` where it is numbers, `a.argmax(1)` where it is one-hot");
    std::vector<char> bytes(bytesOf(name, array, form->second.bytes));
    readExactly(name, array, bytes.data(), bytes.size());
    checkEnd(name, array);
    for (size_t at = 0; at < bytes.size(); at += form->second.bytes)
      images.labels.push_back(form->second.read(bytes.data() + at));
  }

  const std::string path;
  const DataDescription &description;
  ZipFile zip;
  Images images;
  std::string others; ///< arrays that nothing asks for
  bool hasImages = false, hasLabels = false;
};

} // namespace

Images readNpz(const std::string &directory, const std::vector<std::string> &files,
               const DataDescription &description) {
  Images images;
  images.shape = description.image;
  for (const std::string &file : files) {
    const std::string path = joinPath(directory, file);
    if (!fileExists(path))
      throw dataError(isDirectory(directory) ? "`" + directory + "` holds no `" + file + "`"
                                             : "there is no directory `" + directory + "`",
                      "--data takes the directory that holds `" + file + "`");
    images.append(Reader(path, description).read());
  }
  return images;
}

} // namespace advx::runtime
