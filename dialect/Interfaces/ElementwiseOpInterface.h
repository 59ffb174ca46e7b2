//===- ElementwiseOpInterface.h - One element of an op ----------*- C++ -*-===//

#ifndef ADVX_DIALECT_INTERFACES_ELEMENTWISEOPINTERFACE_H
#define ADVX_DIALECT_INTERFACES_ELEMENTWISEOPINTERFACE_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"

namespace mlir::advx {

/// What an element of an op takes.
enum class ScalarCost {
  cheap,    ///< a few cycles: computing it again takes no longer than loading it
  slow,     ///< an instruction of many cycles: worth its place in memory
  function, ///< many instructions; in f64 a call of the C library, which a GPU lacks
};

} // namespace mlir::advx

#include "dialect/Interfaces/ElementwiseOpInterface.h.inc"

namespace mlir::advx {

/// Whether the op is elementwise and its scalar form cheap.
bool isCheap(Operation *op);

} // namespace mlir::advx

#endif // ADVX_DIALECT_INTERFACES_ELEMENTWISEOPINTERFACE_H
