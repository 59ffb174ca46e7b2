//===- AdvxOps.cpp - Generated definitions, and what all ops share --------===//

#include "dialect/IR/AdvxOps.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::advx;

#include "dialect/IR/AdvxEnums.cpp.inc"

#include "dialect/Interfaces/ElementwiseOpInterface.cpp.inc"
#include "dialect/Interfaces/RuntimeOpInterface.cpp.inc"
#include "dialect/Interfaces/TensorOpInterface.cpp.inc"
#include "dialect/Interfaces/VjpOpInterface.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/IR/AdvxOps.cpp.inc"

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

Operation *mlir::advx::cloneAndInfer(OpBuilder &builder, Operation *op, ValueRange operands) {
  SmallVector<Type> types(op->getResultTypes());
  if (auto inferring = dyn_cast<InferTypeOpInterface>(op)) {
    types.clear();
    if (failed(inferring.inferReturnTypes(op->getContext(), op->getLoc(), operands,
                                          op->getDiscardableAttrDictionary(),
                                          op->getPropertiesStorage(), op->getRegions(), types)))
      return nullptr;
  }
  IRMapping mapping;
  mapping.map(op->getOperands(), operands);
  Operation *clone = op->clone(mapping);
  clone->setOperands(operands);
  for (auto [result, type] : llvm::zip_equal(clone->getResults(), types))
    result.setType(type);
  return builder.insert(clone);
}
