#include "runtime/core/Manifest.h"

#include "runtime/core/Error.h"
#include "runtime/core/Tensor.h"

#include <algorithm>

namespace advx::runtime {

size_t byteSize(DType dtype) { return size_t(elementBytes(int32_t(dtype))); }

const char *name(DType dtype) { return elementInfo(int32_t(dtype))->manifest; }

int64_t elementCount(const std::vector<int64_t> &shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

std::string formatShape(const std::vector<int64_t> &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

int64_t paddedBatch(int64_t batch) {
  return (batch + ADVX_BATCH_PADDING - 1) / ADVX_BATCH_PADDING * ADVX_BATCH_PADDING;
}

namespace {

template <typename T> const T *findByName(const std::vector<T> &items, std::string_view name) {
  auto found =
      std::find_if(items.begin(), items.end(), [&](const T &item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

} // namespace

const Slot *Step::input(std::string_view name) const { return findByName(inputs, name); }
const Slot *Step::output(std::string_view name) const { return findByName(outputs, name); }
const Attack *Evaluation::attack(std::string_view name) const { return findByName(attacks, name); }
size_t Evaluation::indexOf(std::string_view name) const {
  return size_t(attack(name) - attacks.data());
}

bool DataDescription::hasSynthetic() const {
  return isSynthetic() || std::any_of(more.begin(), more.end(),
                                      [](const DataSource &part) { return part.isSynthetic(); });
}

DataDescription DataDescription::part(size_t index) const {
  DataDescription result = *this;
  if (index > 0)
    static_cast<DataSource &>(result) = more[index - 1];
  result.more.clear();
  return result;
}

const Evaluation *Manifest::evaluation(std::string_view name) const {
  return findByName(evaluations, name);
}

uint64_t Manifest::stateArena() const {
  uint64_t bytes = stateBytes;
  for (const Step &step : steps)
    bytes = std::max(bytes, step.stateArena);
  return bytes;
}

uint64_t Manifest::batchArena() const {
  uint64_t bytes = 0;
  for (const Step &step : steps)
    bytes = std::max(bytes, step.batchArena);
  return bytes;
}

} // namespace advx::runtime
