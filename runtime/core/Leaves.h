//===- Leaves.h - One leaf of state and one tensor of a file ---------------===//

#ifndef ADVX_RUNTIME_CORE_LEAVES_H
#define ADVX_RUNTIME_CORE_LEAVES_H

#include "runtime/core/Safetensors.h"
#include "runtime/core/Session.h"

#include <set>

namespace advx::runtime {

/// The name of a type in a safetensors file.
std::string storedName(DType dtype);

/// Why a stored tensor cannot become the leaf; empty if it can.
std::string mismatch(const Leaf &leaf, const StoredTensor &tensor);
/// Reads a tensor of a file into the leaf, which it fits. F32 is widened where the program computes
/// in f64.
void copyLeaf(const Leaf &leaf, const SafetensorsFile &file, const StoredTensor &tensor,
              Session &session);

/// The real numbers of a leaf, replaced by what `change(index, number)` makes of each.
template <typename Change> void changeLeaf(const Leaf &leaf, Session &session, Change &&change) {
  auto changeAs = [&](auto zero) {
    std::vector<decltype(zero)> values(size_t(elementCount(leaf.shape)));
    session.read(leaf, values.data());
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = decltype(zero)(change(int64_t(i), values[i]));
    session.write(leaf, values.data());
  };
  if (leaf.dtype == DType::F32)
    changeAs(float());
  else if (leaf.dtype == DType::F64)
    changeAs(double());
}

/// The metadata key under which a checkpoint lists the names of its optimiser's
/// leaves, one a line.
inline constexpr const char *optimizerMetadata = "advx.optimizer";
std::string optimizerNames(const Manifest &manifest);
/// The names that a file lists there.
std::set<std::string> optimizerNames(const SafetensorsFile &file);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_LEAVES_H
