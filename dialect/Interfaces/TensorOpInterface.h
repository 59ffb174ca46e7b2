//===- TensorOpInterface.h - What an op is to kernels and layouts -*- C++ -*-===//

#ifndef ADVX_DIALECT_INTERFACES_TENSOROPINTERFACE_H
#define ADVX_DIALECT_INTERFACES_TENSOROPINTERFACE_H

#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/SmallVector.h"

namespace mlir::advx {

/// What becomes of an op in the partition.
enum class FusionRole {
  host,    ///< a number, a loop, a terminator: stays as it is
  library, ///< a runtime call: stays as it is
  free,    ///< costs a cluster nothing: every cluster that reads it has a copy
  fusible, ///< is computed in exactly one cluster
};

/// How many elements become one.
enum class ReductionKind {
  none,
  sum,     ///< they, or products with them, are added up
  maximum, ///< the largest; NaN if one is
  place,   ///< where the first of the largest is
  batch,   ///< the examples are added up, element for element
};

} // namespace mlir::advx

#include "dialect/Interfaces/TensorOpInterface.h.inc"

namespace mlir::advx {

/// `TensorOpInterface::readsElements`; true for an op of another kind.
bool readsElements(OpOperand &operand);

/// The operands of which more is read than how many examples they have.
SmallVector<Value, 4> elementOperands(Operation *op);

/// `TensorOpInterface::getReductionKind`; none for an op of another kind.
ReductionKind reductionKindOf(Operation *op);

/// `TensorOpInterface::keepsElements`; false for an op of another kind.
bool keepsElements(Operation *op);

} // namespace mlir::advx

#endif // ADVX_DIALECT_INTERFACES_TENSOROPINTERFACE_H
