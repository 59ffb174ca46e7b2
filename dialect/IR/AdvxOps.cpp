//===- AdvxOps.cpp - Generated definitions, and what all ops share --------===//

#include "dialect/IR/AdvxOps.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::advx;

#include "dialect/IR/AdvxEnums.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/IR/AdvxOps.cpp.inc"

FailureOr<SmallVector<Type>> mlir::advx::inferTypes(Operation *op, ValueRange operands,
                                                    std::optional<Location> location) {
  auto inferring = dyn_cast<InferTypeOpInterface>(op);
  if (!inferring)
    return SmallVector<Type>(op->getResultTypes());
  SmallVector<Type> types;
  if (failed(inferring.inferReturnTypes(op->getContext(), location, operands,
                                        op->getDiscardableAttrDictionary(),
                                        op->getPropertiesStorage(), op->getRegions(), types)))
    return failure();
  return types;
}

Operation *mlir::advx::cloneAndInfer(OpBuilder &builder, Operation *op, ValueRange operands) {
  FailureOr<SmallVector<Type>> types = inferTypes(op, operands, op->getLoc());
  if (failed(types))
    return nullptr;
  IRMapping mapping;
  mapping.map(op->getOperands(), operands);
  Operation *clone = op->clone(mapping);
  clone->setOperands(operands);
  for (auto [result, type] : llvm::zip_equal(clone->getResults(), *types))
    result.setType(type);
  return builder.insert(clone);
}
