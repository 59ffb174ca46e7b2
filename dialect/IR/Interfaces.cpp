//===- Interfaces.cpp - What dialect/Interfaces declares ------------------===//

#include "dialect/Interfaces/ElementwiseOpInterface.h"
#include "dialect/Interfaces/RuntimeOpInterface.h"
#include "dialect/Interfaces/TensorOpInterface.h"
#include "dialect/Interfaces/VjpOpInterface.h"

using namespace mlir;
using namespace mlir::advx;

#include "dialect/Interfaces/ElementwiseOpInterface.cpp.inc"
#include "dialect/Interfaces/RuntimeOpInterface.cpp.inc"
#include "dialect/Interfaces/TensorOpInterface.cpp.inc"
#include "dialect/Interfaces/VjpOpInterface.cpp.inc"

bool mlir::advx::readsElements(OpOperand &operand) {
  auto op = dyn_cast<TensorOpInterface>(operand.getOwner());
  return !op || op.readsElements(operand.getOperandNumber());
}

SmallVector<Value, 4> mlir::advx::elementOperands(Operation *op) {
  SmallVector<Value, 4> operands;
  for (OpOperand &operand : op->getOpOperands())
    if (readsElements(operand))
      operands.push_back(operand.get());
  return operands;
}

ReductionKind mlir::advx::reductionKindOf(Operation *op) {
  auto tensor = dyn_cast<TensorOpInterface>(op);
  return tensor ? tensor.getReductionKind() : ReductionKind::none;
}

bool mlir::advx::keepsElements(Operation *op) {
  auto tensor = dyn_cast<TensorOpInterface>(op);
  return tensor && tensor.keepsElements();
}

bool mlir::advx::isCheap(Operation *op) {
  auto elementwise = dyn_cast<ElementwiseOpInterface>(op);
  return elementwise && elementwise.getScalarCost() == ScalarCost::cheap;
}
