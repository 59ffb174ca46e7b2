//===- State.h - The leaves of state, by name -----------------------------===//
//
// Initial values, and the way between the state arena and a safetensors file.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_STATE_H
#define ADVX_RUNTIME_CORE_STATE_H

#include "runtime/core/Import.h"

namespace advx::runtime {

/// Fills the state with the initial values of `seed`. A leaf is a function of
/// the seed, its name and its initialiser alone. Leaves that the page takes
/// `from` a file are then read from it; says what became of each file.
std::vector<Import> initializeState(const Manifest &manifest, uint64_t seed, char *state);

/// Which leaves a file must hold.
enum class LeafSet {
  All,    ///< to go on training
  Weights ///< all but the optimiser's, which are left as they are
};

/// Copies a file into the state. A missing tensor, one of another shape or type,
/// or one that the program does not know is a data error that lists what
/// differs. F32 is widened where the program computes in f64.
void loadState(const Manifest &manifest, const SafetensorsFile &file, LeafSet leaves, char *state);

/// The metadata key under which a checkpoint lists the names of its optimiser's
/// leaves, one a line.
inline constexpr const char *optimizerMetadata = "advx.optimizer";
std::string optimizerNames(const Manifest &manifest);

/// The leaves as tensors of a file, in the manifest's order; `state` is borrowed.
std::vector<TensorToWrite> stateTensors(const Manifest &manifest, const char *state);

/// Why a stored tensor cannot become the leaf; empty if it can.
std::string mismatch(const Leaf &leaf, const StoredTensor &tensor);
/// Reads a tensor of a file into the leaf, which it fits.
void copyLeaf(const Leaf &leaf, const SafetensorsFile &file, const StoredTensor &tensor,
              char *state);

/// The name of a type in a safetensors file.
std::string storedName(DType dtype);

/// The first leaf with a value that is not finite; null if there is none.
const Leaf *findNonFinite(const Manifest &manifest, const char *state);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_STATE_H
