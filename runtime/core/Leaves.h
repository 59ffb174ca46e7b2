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

/// The metadata key under which a checkpoint lists the names of its optimiser's
/// leaves and of the page's tables, one a line: what training alone reads.
inline constexpr const char *optimizerMetadata = "advx.optimizer";
std::string optimizerNames(const Manifest &manifest);
/// The names that a file lists there.
std::set<std::string> optimizerNames(const SafetensorsFile &file);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_LEAVES_H
