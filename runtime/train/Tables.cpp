#include "runtime/train/Tables.h"

#include "runtime/core/Error.h"
#include "runtime/core/Leaves.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace advx::runtime {

namespace {

template <typename T> void fillWith(std::vector<char> &bytes, double value) {
  const T entry = T(value);
  for (size_t at = 0; at < bytes.size(); at += sizeof(T))
    std::memcpy(bytes.data() + at, &entry, sizeof(T));
}

template <typename T> bool isFiniteAs(const std::vector<char> &bytes) {
  for (size_t at = 0; at < bytes.size(); at += sizeof(T)) {
    T entry;
    std::memcpy(&entry, bytes.data() + at, sizeof(T));
    if (!std::isfinite(entry))
      return false;
  }
  return true;
}

} // namespace

std::vector<int64_t> Tables::Kept::shape() const {
  std::vector<int64_t> result{count};
  result.insert(result.end(), table->shape.begin(), table->shape.end());
  return result;
}

Tables::Tables(const Manifest &manifest, const Settings &settings, int64_t slots,
               int64_t examples) {
  for (const Table &table : manifest.tables) {
    Kept kept{&table, table.perExample ? examples : slots, {}};
    kept.bytes.resize(size_t(kept.count) * table.rowBytes());
    const double value = settings.value(table.init);
    switch (table.dtype) {
    case DType::F32:
      fillWith<float>(kept.bytes, value);
      break;
    case DType::F64:
      fillWith<double>(kept.bytes, value);
      break;
    case DType::I64:
      fillWith<int64_t>(kept.bytes, value);
      break;
    case DType::Bool:
      fillWith<char>(kept.bytes, value != 0);
      break;
    }
    all.push_back(std::move(kept));
  }
}

void Tables::give(Session &session, const Step &step, const int64_t *examples,
                  int64_t count) const {
  for (const Kept &kept : all)
    if (const Slot *slot = step.input(kept.table->slot()))
      for (int64_t i = 0; i < count; ++i)
        session.writeExample(*slot, count, i, kept.row(kept.table->perExample ? examples[i] : i));
}

void Tables::take(const Session &session, const Step &step, const int64_t *examples,
                  int64_t count) {
  for (Kept &kept : all) {
    const Slot *slot = step.output(kept.table->slot());
    if (!slot)
      continue;
    if (!kept.table->perExample) {
      session.read(*slot, count, kept.row(0));
      continue;
    }
    rows.resize(std::max(rows.size(), slot->bytes(count)));
    session.read(*slot, count, rows.data());
    for (int64_t i = 0; i < count; ++i)
      std::memcpy(kept.row(examples[i]), rows.data() + size_t(i) * kept.table->rowBytes(),
                  kept.table->rowBytes());
  }
}

std::vector<TensorToWrite> Tables::tensors() const {
  std::vector<TensorToWrite> result;
  for (const Kept &kept : all)
    result.push_back({kept.table->name, storedName(kept.table->dtype), kept.shape(),
                      kept.bytes.data(), kept.bytes.size()});
  return result;
}

void Tables::load(const SafetensorsFile &file) {
  for (Kept &kept : all) {
    const std::string name = "`" + kept.table->name + "`";
    const StoredTensor *tensor = file.find(kept.table->name);
    if (!tensor)
      throw dataError("`" + file.path() + "` holds no state " + name);
    if (tensor->shape != kept.shape() || tensor->dtype != storedName(kept.table->dtype))
      throw dataError("`" + file.path() + "` holds the state " + name + " as " +
                      formatShape(tensor->shape) + " of " + tensor->dtype + ", expected " +
                      formatShape(kept.shape()) + " of " + storedName(kept.table->dtype));
    file.read(*tensor, kept.bytes.data());
  }
}

std::string Tables::nonFinite() const {
  for (const Kept &kept : all)
    if ((kept.table->dtype == DType::F32 && !isFiniteAs<float>(kept.bytes)) ||
        (kept.table->dtype == DType::F64 && !isFiniteAs<double>(kept.bytes)))
      return kept.table->name;
  return {};
}

} // namespace advx::runtime
