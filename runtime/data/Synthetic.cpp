#include "runtime/data/Synthetic.h"

#include "runtime/core/Philox.h"

#include <algorithm>
#include <cmath>

namespace advx::runtime {

namespace {

/// Blocks of a mean image along an axis.
constexpr int64_t blocks = 4;

/// The mean image of class `label`, as shares of the range.
std::vector<double> classMean(int64_t label, const DataDescription &data) {
  const std::vector<int64_t> &shape = data.image;
  const int64_t width = shape.back(), height = shape.size() > 1 ? shape[shape.size() - 2] : 1;
  const auto block = [](int64_t at, int64_t extent) { return at * blocks / extent; };
  DrawStream stream(data.seed, streamHash("synthetic.mean"), nullptr, 0);
  stream.setExample(uint64_t(label), 0, 0, DrawKind::Train);
  std::vector<double> mean(size_t(elementCount(shape)));
  for (size_t i = 0; i < mean.size(); ++i) {
    const int64_t at = int64_t(i), plane = at / (width * height);
    const int64_t row = block(at / width % height, height), column = block(at % width, width);
    mean[i] = 0.25 + 0.5 * stream.uniform(uint64_t((plane * blocks + row) * blocks + column));
  }
  return mean;
}

} // namespace

Images makeSynthetic(bool ofTest, const DataDescription &data) {
  Images images;
  images.shape = data.image;
  images.count = ofTest ? data.testCount : data.trainCount;
  std::vector<std::vector<double>> means;
  for (int64_t label = 0; label < std::min(data.classes, images.count); ++label)
    means.push_back(classMean(label, data));
  Images::Part &part = images.parts.emplace_back();
  part.count = images.count;
  part.records = Buffer(size_t(images.count * images.imageBytes()), MemoryKind::Data);
  DrawStream stream(data.seed, streamHash("synthetic.noise"), nullptr, 0);
  char *to = part.records.data();
  for (int64_t i = 0; i < images.count; ++i) {
    const int64_t label = i % data.classes;
    images.labels.push_back(label);
    stream.setExample(uint64_t(i), 0, 0, ofTest ? DrawKind::Test : DrawKind::Train);
    const std::vector<double> &mean = means[size_t(label)];
    for (size_t at = 0; at < mean.size(); at += 2) {
      const auto [first, second] = stream.normalPair(at / 2);
      for (size_t k = 0; k < 2 && at + k < mean.size(); ++k) {
        const double value = mean[at + k] + data.noise * (k == 0 ? first : second);
        *to++ = char(uint8_t(std::lround(255 * std::clamp(value, 0.0, 1.0))));
      }
    }
  }
  return images;
}

} // namespace advx::runtime
