#ifndef ADVX_DIALECT_IR_STEPATTRIBUTES_H
#define ADVX_DIALECT_IR_STEPATTRIBUTES_H

#include "llvm/ADT/StringRef.h"

namespace mlir::advx {

/// On a step: a batch norm takes the statistics of a batch of one value an example, so the step
/// needs two examples. An i64: the slot of the layer's weight, or -1.
inline constexpr llvm::StringLiteral kTwoExamplesAttr = "advx.two_examples";

} // namespace mlir::advx

#endif // ADVX_DIALECT_IR_STEPATTRIBUTES_H
