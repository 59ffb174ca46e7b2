//===- ProbeFile.cpp - Reading and comparing what `probe` wrote ------------===//

#include "compiler/verify/ProbeFile.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

using namespace llvm;

namespace advx::verify {

namespace {

/// Magnitudes below this count as this: what is zero in exact arithmetic, as the gradient of a
/// bias before a batch normalisation, is the rounding of the sum of larger terms.
constexpr double smallestScale = 1e-2;

Error malformed(StringRef path, const Twine &what) {
  return createStringError("cannot read `" + path + "`: " + what);
}

template <typename T> double read(const char *data) {
  return static_cast<double>(support::endian::read<T, endianness::little, 1>(data));
}

/// Widens `bytes` into values; false for a type that no probe has.
bool widen(StringRef bytes, ProbedTensor &tensor) {
  double (*element)(const char *) = nullptr;
  size_t size = 8;
  if (tensor.dtype == "F64") {
    element = read<double>;
  } else if (tensor.dtype == "F32") {
    element = read<float>;
    size = 4;
  } else if (tensor.dtype == "I64") {
    element = read<int64_t>;
  } else if (tensor.dtype == "BOOL") {
    element = read<uint8_t>;
    size = 1;
  }
  if (!element)
    return false;
  for (size_t i = 0; i + size <= bytes.size(); i += size)
    tensor.values.push_back(element(bytes.data() + i));
  return true;
}

/// Relative differences of the values of one tensor, unordered.
std::vector<double> differences(const ProbedTensor &reference, const ProbedTensor &other) {
  double scale = smallestScale;
  for (double value : reference.values)
    if (std::isfinite(value))
      scale = std::max(scale, std::abs(value));
  std::vector<double> result;
  for (size_t i = 0; i < reference.values.size(); ++i) {
    double a = reference.values[i], b = other.values[i];
    bool same = a == b || (std::isnan(a) && std::isnan(b));
    double difference = same ? 0 : std::abs(a - b) / scale;
    result.push_back(std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference);
  }
  return result;
}

double largestDifference(const ProbedTensor &reference, const ProbedTensor &other, double strayed) {
  if (reference.shape != other.shape || reference.dtype != other.dtype ||
      reference.values.size() != other.values.size())
    return std::numeric_limits<double>::infinity();
  std::vector<double> all = differences(reference, other);
  if (all.empty())
    return 0;
  auto chosen = all.begin() + static_cast<ptrdiff_t>(strayed * static_cast<double>(all.size() - 1));
  std::nth_element(all.begin(), chosen, all.end(), std::greater<>());
  return *chosen;
}

} // namespace

Expected<ProbeFile> readProbeFile(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path);
  if (!buffer)
    return malformed(path, buffer.getError().message());
  StringRef bytes = (*buffer)->getBuffer();
  constexpr size_t lengthBytes = 8;
  if (bytes.size() < lengthBytes)
    return malformed(path, "it is too short");
  uint64_t length = support::endian::read64le(bytes.data());
  if (length > bytes.size() - lengthBytes)
    return malformed(path, "it is truncated");
  Expected<json::Value> header = json::parse(bytes.substr(lengthBytes, length));
  if (!header)
    return header.takeError();
  json::Object *entries = header->getAsObject();
  if (!entries)
    return malformed(path, "its header is no object");
  StringRef data = bytes.drop_front(lengthBytes + length);
  ProbeFile result;
  for (auto &[key, value] : *entries) {
    StringRef name = key;
    if (name == "__metadata__")
      continue;
    json::Object *entry = value.getAsObject();
    json::Array *offsets = entry ? entry->getArray("data_offsets") : nullptr;
    json::Array *shape = entry ? entry->getArray("shape") : nullptr;
    if (!offsets || offsets->size() != 2 || !shape)
      return malformed(path, "`" + name + "` is not described");
    std::optional<int64_t> begin = (*offsets)[0].getAsInteger(), end = (*offsets)[1].getAsInteger();
    if (!begin || !end || *begin < 0 || *end < *begin || static_cast<uint64_t>(*end) > data.size())
      return malformed(path, "`" + name + "` lies outside it");
    ProbedTensor &tensor = result[name.str()];
    tensor.dtype = entry->getString("dtype").value_or("").str();
    for (const json::Value &extent : *shape)
      tensor.shape.push_back(extent.getAsInteger().value_or(-1));
    if (!widen(data.slice(static_cast<size_t>(*begin), static_cast<size_t>(*end)), tensor))
      return malformed(path, "`" + name + "` has an unknown type");
  }
  return result;
}

Difference compareProbes(const ProbeFile &reference, const ProbeFile &other, double strayed) {
  Difference result;
  auto note = [&](double difference, const std::string &name) {
    if (difference > result.largest)
      result = {difference, name};
  };
  for (const auto &[name, tensor] : reference) {
    auto found = other.find(name);
    if (found == other.end()) {
      note(std::numeric_limits<double>::infinity(), name);
      continue;
    }
    // The manifest's name for the point that an adversary found.
    bool isPoint = StringRef(name).ends_with("/adversarial");
    note(largestDifference(tensor, found->second, isPoint ? strayed : 0), name);
  }
  for (const auto &[name, tensor] : other)
    if (!reference.count(name))
      note(std::numeric_limits<double>::infinity(), name);
  return result;
}

} // namespace advx::verify
