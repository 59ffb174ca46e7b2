#include "runtime/data/BatchInputs.h"

#include <algorithm>

namespace advx::runtime {

namespace {

template <typename T>
void scaleImages(const DataDescription &description, const Images &images, const int64_t *rows,
                 int64_t count, T *to) {
  // One table of 256 values, each rounded once.
  T scaled[256];
  for (int byte = 0; byte < 256; ++byte)
    scaled[byte] = T(description.low + (description.high - description.low) * (byte / 255.0));
  int64_t bytes = images.imageBytes();
  for (int64_t row = 0; row < count; ++row, to += bytes) {
    const uint8_t *image = images.image(rows[row]);
    std::transform(image, image + bytes, to, [&](uint8_t byte) { return scaled[byte]; });
  }
}

} // namespace

void BatchInputs::gather(const Step &step, const DataDescription &description, const Images &from,
                         const Rows &rows) {
  keys = rows.keys;
  const auto count = int64_t(keys.size());
  labels.clear();
  for (int64_t row : rows.images)
    labels.push_back(from.labels[size_t(row)]);
  const Slot *x = step.input("x");
  if (!x)
    return;
  if (images.size() < x->bytes(count))
    images = Buffer(x->bytes(count), MemoryKind::Data);
  if (x->dtype == DType::F32)
    scaleImages(description, from, rows.images.data(), count,
                reinterpret_cast<float *>(images.data()));
  else
    scaleImages(description, from, rows.images.data(), count,
                reinterpret_cast<double *>(images.data()));
}

void BatchInputs::write(Session &session, const Step &step) const {
  auto count = int64_t(keys.size());
  for (const Slot &slot : step.inputs)
    if (slot.name == "x")
      session.write(slot, count, images.data());
    else if (slot.name == "y")
      session.write(slot, count, labels.data());
    else if (slot.name == "index") // what else a step takes is not of the data
      session.write(slot, count, keys.data());
}

} // namespace advx::runtime
