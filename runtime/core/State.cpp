#include "runtime/core/State.h"

#include "runtime/core/Error.h"
#include "runtime/core/Philox.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

namespace advx::runtime {

namespace {

/// Stores a number as element `index` of a leaf.
void store(const Leaf &leaf, char *data, int64_t index, double value) {
  switch (leaf.dtype) {
  case DType::F32:
    reinterpret_cast<float *>(data)[index] = float(value);
    break;
  case DType::F64:
    reinterpret_cast<double *>(data)[index] = value;
    break;
  case DType::I64:
    reinterpret_cast<int64_t *>(data)[index] = int64_t(value);
    break;
  case DType::Bool:
    data[index] = value != 0;
    break;
  }
}

void initializeLeaf(const Leaf &leaf, uint64_t seed, char *state) {
  char *data = state + leaf.offset;
  int64_t count = elementCount(leaf.shape);
  DrawStream stream = initialStateStream(seed, leaf.name);
  for (int64_t i = 0; i < count; ++i) {
    double value = leaf.init.first;
    if (leaf.init.kind == Initializer::Kind::Uniform)
      value += (leaf.init.second - leaf.init.first) * stream.uniform(uint64_t(i));
    else if (leaf.init.kind == Initializer::Kind::Normal)
      value += leaf.init.second * stream.normal(uint64_t(i));
    store(leaf, data, i, value);
  }
}

bool isFinite(const Leaf &leaf, const char *state) {
  const char *data = state + leaf.offset;
  int64_t count = elementCount(leaf.shape);
  if (leaf.dtype == DType::F32) {
    const float *values = reinterpret_cast<const float *>(data);
    return std::all_of(values, values + count, [](float value) { return std::isfinite(value); });
  }
  if (leaf.dtype == DType::F64) {
    const double *values = reinterpret_cast<const double *>(data);
    return std::all_of(values, values + count, [](double value) { return std::isfinite(value); });
  }
  return true;
}

} // namespace

std::string storedName(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return "F32";
  case DType::F64:
    return "F64";
  case DType::I64:
    return "I64";
  case DType::Bool:
    return "BOOL";
  }
  return {};
}

std::string mismatch(const Leaf &leaf, const StoredTensor &tensor) {
  if (tensor.shape != leaf.shape)
    return "`" + leaf.name + "` is " + formatShape(tensor.shape) + " there and " +
           formatShape(leaf.shape) + " here";
  bool widened = tensor.dtype == "F32" && leaf.dtype == DType::F64;
  if (tensor.dtype != storedName(leaf.dtype) && !widened)
    return "`" + leaf.name + "` is " + tensor.dtype + " there and " + storedName(leaf.dtype) +
           " here";
  return {};
}

void copyLeaf(const Leaf &leaf, const SafetensorsFile &file, const StoredTensor &tensor,
              char *state) {
  char *data = state + leaf.offset;
  if (tensor.dtype == storedName(leaf.dtype))
    return file.read(tensor, data);
  std::vector<float> values(size_t(elementCount(leaf.shape)));
  file.read(tensor, reinterpret_cast<char *>(values.data()));
  std::copy(values.begin(), values.end(), reinterpret_cast<double *>(data));
}

std::vector<Import> initializeState(const Manifest &manifest, uint64_t seed, char *state) {
  for (const Leaf &leaf : manifest.state)
    initializeLeaf(leaf, seed, state);
  return importState(manifest, state);
}

void loadState(const Manifest &manifest, const SafetensorsFile &file, LeafSet leaves, char *state) {
  // Another optimiser's slots are no use to one who wants the weights, and no harm.
  std::set<std::string> optimizer;
  auto listed = file.metadata().find(optimizerMetadata);
  if (listed != file.metadata().end())
    for (std::istringstream names(listed->second); names;) {
      std::string name;
      if (std::getline(names, name))
        optimizer.insert(name);
    }
  std::vector<std::string> problems;
  std::vector<std::pair<const Leaf *, const StoredTensor *>> copies;
  size_t known = 0;
  for (const Leaf &leaf : manifest.state) {
    const StoredTensor *tensor = file.find(leaf.name);
    if (!tensor)
      tensor = findImported(leaf, file);
    known += tensor != nullptr;
    if (leaf.isOptimizer() && leaves == LeafSet::Weights)
      continue;
    if (!tensor)
      problems.push_back("`" + leaf.name + "` " + formatShape(leaf.shape) + " is missing there");
    else if (std::string problem = mismatch(leaf, *tensor); !problem.empty())
      problems.push_back(problem);
    else
      copies.emplace_back(&leaf, tensor);
  }
  if (known < file.tensors().size())
    for (const auto &[name, tensor] : file.tensors()) {
      bool used = std::any_of(manifest.state.begin(), manifest.state.end(), [&](const Leaf &leaf) {
        return leaf.name == name || findImported(leaf, file) == &tensor;
      });
      bool spare = leaves == LeafSet::Weights && optimizer.count(name) != 0;
      if (!used && !spare)
        problems.push_back("`" + name + "` " + formatShape(tensor.shape) + " is unknown here");
    }
  if (!problems.empty()) {
    std::string text = "`" + file.path() + "` is a checkpoint of another network: ";
    for (size_t i = 0; i < problems.size() && i < 3; ++i)
      text += (i ? "; " : "") + problems[i];
    if (problems.size() > 3)
      text += "; and " + std::to_string(problems.size() - 3) + " more";
    throw dataError(text, "`info` lists the tensors of this program");
  }
  for (auto [leaf, tensor] : copies)
    copyLeaf(*leaf, file, *tensor, state);
}

std::string optimizerNames(const Manifest &manifest) {
  std::string names;
  for (const Leaf &leaf : manifest.state)
    if (leaf.isOptimizer())
      names += leaf.name + "\n";
  return names;
}

std::vector<TensorToWrite> stateTensors(const Manifest &manifest, const char *state) {
  std::vector<TensorToWrite> tensors;
  tensors.reserve(manifest.state.size());
  for (const Leaf &leaf : manifest.state)
    tensors.push_back(
        {leaf.name, storedName(leaf.dtype), leaf.shape, state + leaf.offset, leaf.bytes()});
  return tensors;
}

const Leaf *findNonFinite(const Manifest &manifest, const char *state) {
  for (const Leaf &leaf : manifest.state)
    if (!isFinite(leaf, state))
      return &leaf;
  return nullptr;
}

} // namespace advx::runtime
