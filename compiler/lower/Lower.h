#ifndef ADVX_LOWER_LOWER_H
#define ADVX_LOWER_LOWER_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <string>

namespace advx {
class SourceManager;
namespace sema {
struct Adversary;
struct Data;
struct Experiment;
struct Leaf;
struct Stop;
} // namespace sema

namespace lower {

struct Options {
  bool f64 = false; ///< The float type of the step: f64 for tests, else f32.
  // What the program says of the compiler:
  int level = 2;              ///< Of optimisation.
  std::string cpu = "x86-64"; ///< The processor that compiled code needs.
};

/// The checked experiment in the problem tier of the advx dialect. The module
/// holds `advx.program` and `advx.experiment`. Every op has the location of its .advx text. A
/// checked experiment always lowers; the context must have the dialects of `loadDialects` loaded.
mlir::OwningOpRef<mlir::ModuleOp> lowerExperiment(const sema::Experiment &experiment,
                                                  const SourceManager &sources,
                                                  mlir::MLIRContext &context,
                                                  const Options &options);

/// Loads the dialects that lowering creates ops of.
void loadDialects(mlir::MLIRContext &context);

/// Adds the `advx.program` of the experiment: what the runtime is told, without what planning
/// decides. Its leaves are those of networks and heads, then for each state of the optimiser one
/// of each trained leaf, named `outer.STATE[LEAF]`, then the states of the page.
void lowerProgram(const sema::Experiment &experiment, const SourceManager &sources,
                  mlir::OpBuilder &builder, mlir::FloatType floatType, const Options &options);

/// Whether training changes the leaf by a gradient.
bool isTrained(const sema::Experiment &experiment, const sema::Leaf &leaf);

/// The step that says how far the clean example lies outside the adversary's set: one
/// for all uses of a set at the page's x and y. No other step can have its name. Empty
/// where the set depends on what another adversary finds, and for a set of weights.
std::string membershipStep(const sema::Experiment &experiment, const sema::Adversary &adversary);

/// The inputs of the step that says whether training stops: `EVALUATION.LINE`, and with `previous `
/// before it the accuracy at the evaluation before.
llvm::SmallVector<std::string> measuredInputs(const sema::Stop &stop);

/// How far the projection on a set may move an entry of a point that counts as in it: a
/// thousandth of the distance of two grey levels, or what rounding of f32 does to
/// numbers of the data's size where that is more.
double membershipTolerance(const sema::Data &data);

} // namespace lower
} // namespace advx

#endif // ADVX_LOWER_LOWER_H
