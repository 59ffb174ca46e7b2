#include "runtime/data/Dataset.h"

#include "runtime/core/Error.h"
#include "runtime/data/DataFormat.h"
#include "runtime/data/Shuffle.h"

#include <algorithm>
#include <numeric>
#include <zlib.h>

namespace advx::runtime {

namespace {

void checkImages(const Images &images, const DataDescription &description,
                 const std::vector<std::string> &files) {
  std::string source = files.empty() ? description.name : "`" + files[0] + "`";
  if (images.count == 0)
    throw dataError(source + " holds no images");
  for (int64_t i = 0; i < images.count; ++i)
    if (images.labels[size_t(i)] >= description.classes)
      throw dataError("the label of example " + std::to_string(i) + " in `" + files.back() +
                      "` is " + std::to_string(images.labels[size_t(i)]) + ", and " +
                      description.name + " has " + std::to_string(description.classes) +
                      " classes, from 0");
}

template <typename T>
void fillImages(Session &session, const Slot &slot, const DataDescription &description,
                const Images &images, const int64_t *rows, int64_t count) {
  // One table of 256 values, each rounded once.
  T scaled[256];
  for (int byte = 0; byte < 256; ++byte)
    scaled[byte] = T(description.low + (description.high - description.low) * (byte / 255.0));
  std::vector<T> pixels(size_t(elementCount(images.shape)));
  for (int64_t row = 0; row < count; ++row) {
    const uint8_t *image = images.image(rows[row]);
    std::transform(image, image + pixels.size(), pixels.begin(),
                   [&](uint8_t byte) { return scaled[byte]; });
    session.writeExample(slot, count, row, pixels.data());
  }
}

} // namespace

Dataset::Dataset(const DataDescription &description, std::string directory, uint64_t seed,
                 int64_t valid)
    : description(description), directory(std::move(directory)), seed(seed), valid(valid) {}

const Images &Dataset::files(bool test) {
  if (!isLoaded[test]) {
    const std::vector<std::string> &names = test ? description.test : description.train;
    loaded[test] = findDataFormat(description.format).read(directory, names, description.image);
    checkImages(loaded[test], description, names);
    isLoaded[test] = true;
  }
  return loaded[test];
}

const Split &Dataset::split(const std::string &name) {
  bool test = name == "test";
  uint64_t code = test ? 2 : name == "valid" ? 1 : 0;
  Split &result = splits[code];
  if (isSplit[code])
    return result;
  const Images &images = files(test);
  result.images = &images;
  result.code = code;
  result.indices.resize(size_t(images.count));
  std::iota(result.indices.begin(), result.indices.end(), 0);
  if (!test) {
    if (valid >= images.count)
      throw dataError(std::to_string(valid) + " examples of " + std::to_string(images.count) +
                      " for `valid` leave none to train on");
    if (name == "valid" && valid == 0)
      throw dataError("there are no `valid` examples to evaluate on",
                      "give `valid = N` to the page's data");
    shuffle(result.indices, "valid", seed, 0);
    auto middle = result.indices.begin() + valid;
    if (name == "valid")
      result.indices.erase(middle, result.indices.end());
    else
      result.indices.erase(result.indices.begin(), middle);
    std::sort(result.indices.begin(), result.indices.end());
  }
  isSplit[code] = true;
  return result;
}

std::map<std::string, std::string> Dataset::fingerprints() const {
  std::map<std::string, std::string> result;
  for (bool test : {false, true}) {
    if (!isLoaded[test])
      continue;
    const Images &images = loaded[test];
    uLong crc = ::crc32_z(0, nullptr, 0);
    crc =
        ::crc32_z(crc, reinterpret_cast<const Bytef *>(images.pixels.data()), images.pixels.size());
    crc = ::crc32_z(crc, reinterpret_cast<const Bytef *>(images.labels.data()),
                    images.labels.size() * sizeof(int64_t));
    result[test ? "test" : "train"] =
        std::to_string(images.count) + " examples, crc32 " + std::to_string(crc);
  }
  return result;
}

void fillInputs(Session &session, const Step &step, const DataDescription &description,
                const Images &images, const int64_t *rows, int64_t count) {
  for (const Slot &slot : step.inputs) {
    if (slot.name == "x" && slot.dtype == DType::F32) {
      fillImages<float>(session, slot, description, images, rows, count);
    } else if (slot.name == "x") {
      fillImages<double>(session, slot, description, images, rows, count);
    } else if (slot.name == "y") {
      std::vector<int64_t> labels(static_cast<size_t>(count));
      for (size_t i = 0; i < labels.size(); ++i)
        labels[i] = images.labels[size_t(rows[i])];
      session.write(slot, count, labels.data());
    } else if (slot.name == "index") { // what else a step takes is not of the data
      session.write(slot, count, rows);
    }
  }
}

} // namespace advx::runtime
