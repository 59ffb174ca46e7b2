#ifndef ADVX_DIALECT_IR_STEPATTRIBUTES_H
#define ADVX_DIALECT_IR_STEPATTRIBUTES_H

#include "llvm/ADT/StringRef.h"

namespace mlir::advx {

/// On a step: a batch norm takes the statistics of a batch of one value an example, so the step
/// needs two examples. An i64: the slot of the layer's weight, or -1.
inline constexpr llvm::StringLiteral kTwoExamplesAttr = "advx.two_examples";

/// On `advx.adversary`, a string: the step that says how far x lies outside of its set, one for all
/// adversaries of a set.
inline constexpr llvm::StringLiteral kMembershipAttr = "advx.membership";

/// On `advx.adversary`, an f64: how far the projection on a part of the set may move an
/// entry of a point that counts as in the set.
inline constexpr llvm::StringLiteral kToleranceAttr = "advx.tolerance";

/// On `advx.minimize`, strings: the names of the step's measures, in the order in which its region
/// yields them behind the loss.
inline constexpr llvm::StringLiteral kMeasuresAttr = "advx.measures";

/// On a call of the problem tier, a string: the call is a draw of the page, and this is the stream
/// of what it draws.
inline constexpr llvm::StringLiteral kDrawAttr = "advx.draw";

/// An input or output of a step called so and then like a table is rows of the table.
inline constexpr llvm::StringLiteral kRowsPrefix = "state ";

/// The input of a step that has the number of the batch in its epoch, from 0.
inline constexpr llvm::StringLiteral kBatchInput = "batch";
/// On `advx.minimize`, a dictionary: the function that updates a leaf in place of the region, with
/// the arguments and results of the region. One text at other numbers.
inline constexpr llvm::StringLiteral kGroupsAttr = "advx.groups";

/// On an `advx.batch_sum` of an update: the sum is over all weights that the optimiser moves. The
/// updates of a `minimize` have equally many, in one order: what one adds up for its weights, the
/// others add up for theirs.
inline constexpr llvm::StringLiteral kOverWeightsAttr = "advx.over_weights";

/// On `advx.stop_gradient`, a string: what a solver begins to move. The result is a value of its
/// own even where another is equal: a gradient by it is not one by that other value, as where two
/// weights of one shape both begin at 0.
inline constexpr llvm::StringLiteral kPointAttr = "advx.point";

/// On `advx.attack_line`, of a candidate of `best`: a dictionary of the `setting` that its step
/// reads as the index, the `value` that it has, and the place of the `candidate`.
inline constexpr llvm::StringLiteral kIndexAttr = "advx.index";

/// On `advx.program`: the axes of the page's sweep, dictionaries of a `setting` and its `values`.
inline constexpr llvm::StringLiteral kSweepAttr = "advx.sweep";

} // namespace mlir::advx

#endif // ADVX_DIALECT_IR_STEPATTRIBUTES_H
