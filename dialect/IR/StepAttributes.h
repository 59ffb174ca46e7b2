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

} // namespace mlir::advx

#endif // ADVX_DIALECT_IR_STEPATTRIBUTES_H
