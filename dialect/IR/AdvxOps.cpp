//===- AdvxOps.cpp - Generated definitions, and what all ops share --------===//

#include "dialect/IR/AdvxOps.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::advx;

#include "dialect/IR/AdvxEnums.cpp.inc"

#include "dialect/Interfaces/RuntimeOpInterface.cpp.inc"
#include "dialect/Interfaces/VjpOpInterface.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/IR/AdvxOps.cpp.inc"

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
