#include "runtime/core/Leaves.h"

#include "runtime/core/Tensor.h"

#include <algorithm>
#include <sstream>

namespace advx::runtime {

std::string storedName(DType dtype) { return elementInfo(int32_t(dtype))->stored; }

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
              Session &session) {
  std::vector<char> bytes(size_t(tensor.bytes));
  file.read(tensor, bytes.data());
  if (tensor.dtype == storedName(leaf.dtype))
    return session.write(leaf, bytes.data());
  const float *narrow = reinterpret_cast<const float *>(bytes.data());
  std::vector<double> wide(narrow, narrow + elementCount(leaf.shape));
  session.write(leaf, wide.data());
}

std::string optimizerNames(const Manifest &manifest) {
  std::string names;
  for (const Leaf &leaf : manifest.state)
    if (leaf.isOptimizer())
      names += leaf.name + "\n";
  for (const Table &table : manifest.tables)
    names += table.name + "\n";
  return names;
}

std::set<std::string> optimizerNames(const SafetensorsFile &file) {
  std::set<std::string> result;
  auto listed = file.metadata().find(optimizerMetadata);
  if (listed == file.metadata().end())
    return result;
  std::istringstream names(listed->second);
  for (std::string name; std::getline(names, name);)
    result.insert(name);
  return result;
}

} // namespace advx::runtime
