//===- State.h - The leaves of state, by name -----------------------------===//
//
// Initial values, and the way between the state and a safetensors file.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_STATE_H
#define ADVX_RUNTIME_CORE_STATE_H

#include "runtime/core/Import.h"
#include "runtime/core/Settings.h"

#include <set>

namespace advx::runtime {

/// Fills the state with the initial values of `seed`. A leaf is a function of
/// the seed, its name and its initialiser alone, of which the settings have a part.
void fillState(const Manifest &manifest, const Settings &settings, uint64_t seed, Session &session);

/// The same; leaves that the page takes `from` a file are then read from it. Says what became of
/// each file.
std::vector<Import> initializeState(const Manifest &manifest, const Settings &settings,
                                    uint64_t seed, Session &session);

/// Which leaves a file must hold.
enum class LeafSet {
  All,    ///< to go on training
  Weights ///< all but the optimiser's, and states that the file lacks, which are left as they are
};

/// Copies a file into the state. A missing tensor, one of another shape or type,
/// or one that the program does not know is a data error that lists what
/// differs. Answers the states of the page that the file lacks: those that begin as weights are
/// the file's weights then, others keep what they have.
std::set<std::string> loadState(const Manifest &manifest, const SafetensorsFile &file,
                                LeafSet leaves, Session &session);

/// The leaves as tensors of a file, in the manifest's order; both are borrowed, and the state is
/// read when the file is written.
std::vector<TensorToWrite> stateTensors(const Manifest &manifest, const Session &session);

/// The first leaf with a value that is not finite; null if there is none.
const Leaf *findNonFinite(const Manifest &manifest, const Session &session);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_STATE_H
