//===- ConstantOps.cpp - Verifiers and runtime numbers ----------------------===//

#include "dialect/IR/AdvxOps.h"

#include <cmath>

using namespace mlir;
using namespace mlir::advx;

void ConstantOp::build(OpBuilder &builder, OperationState &state, Type type, double value) {
  build(builder, state, type, builder.getF64FloatAttr(value));
}

LogicalResult ConstantOp::verify() {
  if (isBatched(getType()) || !isa<RankedTensorType>(getType()))
    return emitOpError() << "has type " << getType()
                         << ", but a constant has a static shape without a batch axis";
  double value = getValue().convertToDouble();
  if (isIntTensor(getType()) && value != std::trunc(value))
    return emitOpError() << "has value " << value << ", which no i64 holds";
  if (isBoolTensor(getType()) && value != 0 && value != 1)
    return emitOpError() << "has value " << value << ", but an i1 is 0 or 1";
  return success();
}

void ConstantOp::runtimeNumbers(SmallVectorImpl<double> &numbers) {
  numbers.push_back(getValue().convertToDouble());
}

LogicalResult ConstantListOp::verify() {
  auto type = dyn_cast<RankedTensorType>(getType());
  int64_t count = static_cast<int64_t>(getValues().size());
  if (!type || type.getRank() != 1 || type.isDynamicDim(0) || type.getDimSize(0) != count)
    return emitOpError() << "lists " << count << " values, but has type " << getType();
  return success();
}

void ConstantListOp::runtimeNumbers(SmallVectorImpl<double> &numbers) {
  llvm::append_range(numbers, getValues());
}

LogicalResult IotaOp::verify() {
  auto type = dyn_cast<RankedTensorType>(getType());
  if (!type || type.getRank() != 1 || type.isDynamicDim(0))
    return emitOpError() << "has type " << getType()
                         << ", but counts along a vector without a batch axis";
  return success();
}

LogicalResult SplatOp::verify() {
  auto type = dyn_cast<RankedTensorType>(getType());
  if (!type || type.getRank() != 0)
    return emitOpError() << "has type " << getType() << ", but gives a tensor without axes";
  return success();
}
