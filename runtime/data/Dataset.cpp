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
    loaded[test] = findDataFormat(description.format).read(directory, test, description);
    refuseEmpty(loaded[test], description, description.files(test));
    isLoaded[test] = true;
    if (!test)
      ends.push_back(loaded[test].count);
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
  const int64_t count = test ? images.count : ends[0];
  result.indices.resize(size_t(count));
  std::iota(result.indices.begin(), result.indices.end(), 0);
  if (!test) {
    if (valid >= count)
      throw dataError(std::to_string(valid) + " examples of " + std::to_string(count) +
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

std::vector<TrainingOrder::Part> Dataset::trainingParts(const std::optional<int64_t> &limit) {
  const Split &first = split("train");
  for (size_t i = ends.size(); i <= description.more.size(); ++i) {
    const DataDescription part = description.part(i);
    Images images = findDataFormat(part.format).read(directory, false, part);
    refuseEmpty(images, part, part.train);
    loaded[0].append(std::move(images));
    ends.push_back(loaded[0].count);
  }
  std::vector<TrainingOrder::Part> parts(ends.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    TrainingOrder::Part &part = parts[i];
    part.name = description.part(i).name;
    part.begin = i == 0 ? 0 : ends[i - 1];
    part.end = ends[i];
    if (i == 0) {
      part.images = first.indices;
    } else {
      part.images.resize(size_t(part.end - part.begin));
      std::iota(part.images.begin(), part.images.end(), part.begin);
    }
    if (limit && int64_t(part.images.size()) > *limit)
      part.images.resize(size_t(*limit));
  }
  return parts;
}

std::string Dataset::fingerprint(const Images &images, int64_t begin, int64_t end) {
  uLong crc = ::crc32_z(0, nullptr, 0);
  for (int64_t i = begin; i < end; ++i)
    crc = ::crc32_z(crc, images.image(i), size_t(images.imageBytes()));
  crc = ::crc32_z(crc, reinterpret_cast<const Bytef *>(images.labels.data() + begin),
                  size_t(end - begin) * sizeof(int64_t));
  return std::to_string(end - begin) + " examples, crc32 " + std::to_string(crc);
}

std::map<std::string, std::string> Dataset::fingerprints() const {
  std::map<std::string, std::string> result;
  for (size_t i = 0; i < ends.size(); ++i)
    result[i == 0 ? "train" : "train." + std::to_string(i + 1)] =
        fingerprint(loaded[0], i == 0 ? 0 : ends[i - 1], ends[i]);
  if (isLoaded[true])
    result["test"] = fingerprint(loaded[true], 0, loaded[true].count);
  return result;
}

} // namespace advx::runtime
