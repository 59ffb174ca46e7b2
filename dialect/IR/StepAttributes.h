//===- StepAttributes.h - What steps are made with, and what they say -----===//
//
// Attributes that are not declared with their ops, since few of these have them or
// they are on ops of other dialects; and names of inputs and outputs of steps.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_DIALECT_IR_STEPATTRIBUTES_H
#define ADVX_DIALECT_IR_STEPATTRIBUTES_H

#include "llvm/ADT/StringRef.h"

namespace mlir::advx {

//===----------------------------------------------------------------------===//
// On ops of the problem tier
//===----------------------------------------------------------------------===//

/// On `advx.adversary`, a string: the step that says how far x lies outside of its set, one for all
/// adversaries of a set.
inline constexpr llvm::StringLiteral kMembershipAttr = "advx.membership";

/// On `advx.adversary`, an f64: how far the projection on a part of the set may move an
/// entry of a point that counts as in the set.
inline constexpr llvm::StringLiteral kToleranceAttr = "advx.tolerance";

/// On `advx.minimize`, symbols of functions: what each makes of the examples of training, (x, y) to
/// (x, y), before any problem sees them. Their draws stand below their names.
inline constexpr llvm::StringLiteral kAugmentAttr = "advx.augment";

/// On `advx.minimize`, strings: the names of the step's measures, in the order in which its region
/// yields them behind the loss.
inline constexpr llvm::StringLiteral kMeasuresAttr = "advx.measures";

/// On `advx.minimize`, a dictionary: the function that updates a leaf in place of the region, with
/// the arguments and results of the region. One text at other numbers.
inline constexpr llvm::StringLiteral kGroupsAttr = "advx.groups";

/// On an `advx.batch_sum` of an update: the sum is over all weights that the optimiser moves. The
/// updates of a `minimize` have equally many, in one order: what one adds up for its weights, the
/// others add up for theirs.
inline constexpr llvm::StringLiteral kOverWeightsAttr = "advx.over_weights";

/// On `advx.evaluate`, a symbol: the function that gives the weights at which its lines see a
/// network. Without it they are the network's own.
inline constexpr llvm::StringLiteral kWeightsAttr = "advx.weights";

/// On `advx.evaluate` at other weights, where running statistics are estimated for them: a string,
/// the step that does it; the symbol of a function of one example, a forward in mode train; and a
/// dictionary, for each running statistic the leaf that keeps its estimate.
inline constexpr llvm::StringLiteral kEstimationAttr = "advx.estimation";
inline constexpr llvm::StringLiteral kForwardAttr = "advx.forward";
inline constexpr llvm::StringLiteral kStatisticsAttr = "advx.statistics";

/// On a call of the problem tier, a string: the call is a draw of the page, and this is the stream
/// of what it draws.
inline constexpr llvm::StringLiteral kDrawAttr = "advx.draw";

//===----------------------------------------------------------------------===//
// On what the runtime is told
//===----------------------------------------------------------------------===//

/// On `advx.leaf` with the role `state`, a symbol: the leaf before it whose first value it has.
inline constexpr llvm::StringLiteral kCopiedAttr = "advx.copied";

/// On `advx.evaluation`, a string: the model at other weights that it is of, as the page writes it.
/// Where that has running statistics, there is `advx.estimation`, a symbol, the step that estimates
/// them, a batch of training images a call; or `advx.own_statistics`, a unit: they are those of the
/// model at its own weights.
inline constexpr llvm::StringLiteral kModelAttr = "advx.model";
inline constexpr llvm::StringLiteral kOwnStatisticsAttr = "advx.own_statistics";

//===----------------------------------------------------------------------===//
// On steps and what is in them
//===----------------------------------------------------------------------===//

/// On a step: a batch norm takes the statistics of a batch of one value an example, so the step
/// needs two examples. An i64: the slot of the layer's weight, or -1.
inline constexpr llvm::StringLiteral kTwoExamplesAttr = "advx.two_examples";

/// On `advx.stop_gradient`, a string: the name of a point. The result is a value of its own even
/// where another is equal: a gradient by it is not one by that other value. Two weights of one
/// shape that a solver moves may both begin at 0, and a solver may begin at the very image that
/// its objective reads.
inline constexpr llvm::StringLiteral kPointAttr = "advx.point";

//===----------------------------------------------------------------------===//
// Names of inputs and outputs of steps
//===----------------------------------------------------------------------===//

/// One called so and then like a table is rows of the table.
inline constexpr llvm::StringLiteral kRowsPrefix = "state ";

/// The input that has the number of the batch in its epoch, from 0.
inline constexpr llvm::StringLiteral kBatchInput = "batch";

} // namespace mlir::advx

#endif // ADVX_DIALECT_IR_STEPATTRIBUTES_H
