#include "runtime/core/State.h"

#include "runtime/core/Error.h"
#include "runtime/core/Leaves.h"
#include "runtime/core/Philox.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace advx::runtime {

namespace {

template <typename T>
void initializeAs(const Leaf &leaf, const Settings &settings, uint64_t seed, Session &session) {
  DrawStream stream = initialStateStream(seed, leaf.name);
  std::vector<T> values(size_t(elementCount(leaf.shape)));
  const double first = leaf.init.setting ? settings.value(*leaf.init.setting) : leaf.init.first;
  for (size_t i = 0; i < values.size(); ++i) {
    double value = first;
    if (leaf.init.kind == Initializer::Kind::Uniform)
      value += (leaf.init.second - leaf.init.first) * stream.uniform(i);
    else if (leaf.init.kind == Initializer::Kind::Normal)
      value += leaf.init.second * stream.normal(i);
    values[i] = std::is_same_v<T, char> ? T(value != 0) : T(value);
  }
  session.write(leaf, values.data());
}

void initializeLeaf(const Leaf &leaf, const Settings &settings, uint64_t seed, Session &session) {
  switch (leaf.dtype) {
  case DType::F32:
    return initializeAs<float>(leaf, settings, seed, session);
  case DType::F64:
    return initializeAs<double>(leaf, settings, seed, session);
  case DType::I64:
    return initializeAs<int64_t>(leaf, settings, seed, session);
  case DType::Bool:
    return initializeAs<char>(leaf, settings, seed, session);
  }
}

template <typename T> bool isFiniteAs(const Leaf &leaf, const Session &session) {
  std::vector<T> values(size_t(elementCount(leaf.shape)));
  session.read(leaf, values.data());
  return std::all_of(values.begin(), values.end(), [](T value) { return std::isfinite(value); });
}

bool isFinite(const Leaf &leaf, const Session &session) {
  return leaf.dtype == DType::F32   ? isFiniteAs<float>(leaf, session)
         : leaf.dtype == DType::F64 ? isFiniteAs<double>(leaf, session)
                                    : true;
}

void beginAsCopy(const Manifest &manifest, const Leaf &leaf, Session &session) {
  std::vector<char> bytes(leaf.bytes());
  session.read(manifest.state[*leaf.init.copied], bytes.data());
  session.write(leaf, bytes.data());
}

void beginAsCopies(const Manifest &manifest, Session &session) {
  for (const Leaf &leaf : manifest.state)
    if (leaf.init.copied)
      beginAsCopy(manifest, leaf, session);
}

/// The state of the page that a leaf is of: `e` of `e.z.conv1.weight`.
std::string itemOf(const Leaf &leaf) { return leaf.name.substr(0, leaf.name.find('.')); }

} // namespace

void fillState(const Manifest &manifest, const Settings &settings, uint64_t seed,
               Session &session) {
  for (const Leaf &leaf : manifest.state)
    initializeLeaf(leaf, settings, seed, session);
  beginAsCopies(manifest, session);
}

std::vector<Import> initializeState(const Manifest &manifest, const Settings &settings,
                                    uint64_t seed, Session &session) {
  fillState(manifest, settings, seed, session);
  std::vector<Import> imports = importState(manifest, session);
  beginAsCopies(manifest, session);
  return imports;
}

std::set<std::string> loadState(const Manifest &manifest, const SafetensorsFile &file,
                                LeafSet leaves, Session &session) {
  // Another optimiser's slots are no use to one who wants the weights, and no harm.
  std::set<std::string> optimizer = optimizerNames(file);
  std::vector<std::string> problems;
  std::vector<std::pair<const Leaf *, const StoredTensor *>> copies;
  size_t known = 0;
  std::vector<const Leaf *> begun; // states that the file lacks
  std::set<std::string> lacking, held;
  for (const Leaf &leaf : manifest.state) {
    const StoredTensor *tensor = file.find(leaf.name);
    if (!tensor)
      tensor = findImported(leaf, file);
    known += tensor != nullptr;
    if (leaf.isBegun() && tensor)
      held.insert(itemOf(leaf));
    if (leaf.isBegun() && !tensor)
      begun.push_back(&leaf);
    if ((leaf.isOptimizer() || (leaf.isState() && !tensor)) && leaves == LeafSet::Weights)
      continue;
    if (!tensor)
      problems.push_back("`" + leaf.name + "` " + formatShape(leaf.shape) + " is missing there");
    else if (std::string problem = mismatch(leaf, *tensor); !problem.empty())
      problems.push_back(problem);
    else
      copies.emplace_back(&leaf, tensor);
  }
  for (const Leaf *leaf : begun)
    if (leaves == LeafSet::Weights && held.count(itemOf(*leaf)))
      problems.push_back("`" + leaf->name + "` " + formatShape(leaf->shape) + " is missing there");
    else
      lacking.insert(itemOf(*leaf));
  // Those of the page's tables are read by who keeps them.
  for (const Table &table : manifest.tables)
    known += file.find(table.name) != nullptr;
  if (known < file.tensors().size())
    for (const auto &[name, tensor] : file.tensors()) {
      bool used = std::any_of(manifest.state.begin(), manifest.state.end(), [&](const Leaf &leaf) {
        return leaf.name == name || findImported(leaf, file) == &tensor;
      });
      used |= std::any_of(manifest.tables.begin(), manifest.tables.end(),
                          [&](const Table &table) { return table.name == name; });
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
    copyLeaf(*leaf, file, *tensor, session);
  for (const Leaf *leaf : begun)
    if (leaf->init.copied)
      beginAsCopy(manifest, *leaf, session);
  return lacking;
}

std::vector<TensorToWrite> stateTensors(const Manifest &manifest, const Session &session) {
  std::vector<TensorToWrite> tensors;
  tensors.reserve(manifest.state.size());
  for (const Leaf &leaf : manifest.state)
    tensors.push_back({leaf.name, storedName(leaf.dtype), leaf.shape, nullptr, leaf.bytes(),
                       [&leaf, &session](void *to) { session.read(leaf, to); }});
  return tensors;
}

const Leaf *findNonFinite(const Manifest &manifest, const Session &session) {
  for (const Leaf &leaf : manifest.state)
    if (!isFinite(leaf, session))
      return &leaf;
  return nullptr;
}

} // namespace advx::runtime
