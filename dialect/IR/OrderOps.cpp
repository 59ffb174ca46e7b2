//===- OrderOps.cpp - Inference, cost, runtime attributes -------------------===//

#include "dialect/IR/AdvxOps.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::advx;

/// Refuses an operand that is no vector of at least `count` elements.
static LogicalResult requireVector(InferringOp op, StringRef operand, Type type, int64_t count) {
  if (failed(requireExampleRank(op, operand, type, 1)))
    return failure();
  int64_t size = exampleShape(type)[0];
  if (count < 1 || count > size)
    return op.error("asks for ", count, " of the ", size, " elements of ", operand);
  return success();
}

LogicalResult OrderOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                        Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type input = adaptor.getInput().getType();
  int64_t count = adaptor.getCount();
  if (failed(requireVector({getOperationName(), location}, "the operand", input, count)))
    return failure();
  types.push_back(tensorType({count}, IntegerType::get(context, 64), isBatched(input)));
  return success();
}

// Each comparison is one.
int64_t OrderOp::getFlops() {
  int64_t size = exampleElements(getInput().getType());
  return size * llvm::Log2_64_Ceil(size);
}

void OrderOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  attributes.push_back(getAscending());
}

LogicalResult SortedOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type input = adaptor.getInput().getType(), keys = adaptor.getKeys().getType();
  int64_t count = adaptor.getCount();
  if (failed(requireVector(op, "the operand", input, count)) ||
      failed(requireVector(op, "the keys", keys, count)))
    return failure();
  if (exampleShape(input) != exampleShape(keys))
    return op.error("operands of types ", input, " and ", keys,
                    " have different per-example shapes");
  types.push_back(
      tensorType({count}, getElementTypeOrSelf(input), isBatched(input) || isBatched(keys)));
  return success();
}

LogicalResult CumsumOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type input = adaptor.getInput().getType();
  int64_t axis = adaptor.getAxis();
  if (failed(requireAxis({getOperationName(), location}, "the operand", input, axis)))
    return failure();
  types.push_back(input);
  return success();
}

int64_t CumsumOp::getFlops() { return exampleElements(getInput().getType()); }

void CumsumOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  attributes.append({static_cast<int64_t>(getAxis()), static_cast<int64_t>(getFromEnd())});
}
