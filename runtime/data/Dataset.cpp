#include "runtime/data/Dataset.h"

#include "runtime/core/Error.h"
#include "runtime/data/DataFormat.h"
#include "runtime/data/Shuffle.h"

#include <algorithm>
#include <numeric>
#include <zlib.h>

namespace advx::runtime {

namespace {

void refuseEmpty(const Images &images, const DataDescription &description,
                 const std::vector<std::string> &files) {
  std::string source = files.empty() ? description.name : "`" + files[0] + "`";
  if (images.count == 0)
    throw dataError(source + " holds no images");
}

} // namespace

Dataset::Dataset(const DataDescription &description, std::string directory, uint64_t seed,
                 int64_t valid)
    : description(description), directory(std::move(directory)), seed(seed), valid(valid) {}

const Images &Dataset::files(bool test) {
  if (!isLoaded[test]) {
    const std::vector<std::string> &names = test ? description.test : description.train;
    loaded[test] = findDataFormat(description.format).read(directory, names, description);
    refuseEmpty(loaded[test], description, names);
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
    for (int64_t i = 0; i < images.count; ++i)
      crc = ::crc32_z(crc, images.image(i), size_t(images.imageBytes()));
    crc = ::crc32_z(crc, reinterpret_cast<const Bytef *>(images.labels.data()),
                    images.labels.size() * sizeof(int64_t));
    result[test ? "test" : "train"] =
        std::to_string(images.count) + " examples, crc32 " + std::to_string(crc);
  }
  return result;
}

} // namespace advx::runtime
