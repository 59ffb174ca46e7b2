#ifndef ADVX_LOWER_LOWER_H
#define ADVX_LOWER_LOWER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <optional>

namespace advx {
class SourceManager;
namespace sema {
struct Adversary;
struct Data;
struct Experiment;
} // namespace sema

namespace lower {

struct Options {
  bool f64 = false; ///< The float type of the step: f64 for tests, else f32.
  // What the manifest says of the compiler:
  int level = 2;              ///< Of optimisation.
  std::string cpu = "x86-64"; ///< The processor that compiled code needs.
};

/// The checked experiment in the problem tier of the advx dialect. The module
/// carries the manifest (without offsets). Every op has the location of its .advx text. A checked
/// experiment always lowers; the context must have the dialects of `loadDialects` loaded.
mlir::OwningOpRef<mlir::ModuleOp> lowerExperiment(const sema::Experiment &experiment,
                                                  const SourceManager &sources,
                                                  mlir::MLIRContext &context,
                                                  const Options &options);

/// Loads the dialects that lowering creates ops of.
void loadDialects(mlir::MLIRContext &context);

/// The manifest of runtime/abi/manifest.md, without what planning decides, as JSON text.
std::string manifest(const sema::Experiment &experiment, const SourceManager &sources,
                     const Options &options);

/// The step that says how far the clean example lies outside the adversary's set: one
/// for all uses of a set at the page's x and y. No other step can have its name. Empty
/// where the set depends on what another adversary finds.
std::string membershipStep(const sema::Experiment &experiment, const sema::Adversary &adversary);

/// How far the projection on a set may move an entry of a point that counts as in it: a
/// thousandth of the distance of two grey levels, or what rounding of f32 does to
/// numbers of the data's size where that is more.
double membershipTolerance(const sema::Data &data);

/// The leaves of state in manifest order: those of networks and heads, then each
/// trainable leaf's optimiser states, named `outer.STATE[LEAF]`.
struct StateLeaf {
  std::string name;
  const char *role; ///< parameter, buffer or optimizer.
  std::vector<int64_t> shape;
  bool trainable;
  double initA, initB;
  const char *initKind;                 ///< constant, uniform or normal.
  std::optional<size_t> source, rename; ///< As in sema::Leaf.
  std::vector<std::string> keys;
  std::string project; ///< Symbol of the function applied after an update, or empty.
};
std::vector<StateLeaf> stateLeaves(const sema::Experiment &experiment);

} // namespace lower
} // namespace advx

#endif // ADVX_LOWER_LOWER_H
