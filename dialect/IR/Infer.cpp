//===- Infer.cpp - What the inference of every family shares --------------===//

#include "dialect/IR/Infer.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace mlir::advx {

LogicalResult requireRanked(InferringOp op, StringRef operand, Type type) {
  if (isa<RankedTensorType>(type))
    return success();
  return op.error(operand, " has type ", type, ", but its shape must be known");
}

LogicalResult requireExampleRank(InferringOp op, StringRef operand, Type type, int64_t rank) {
  if (failed(requireRanked(op, operand, type)))
    return failure();
  if (exampleRank(type) == rank)
    return success();
  return op.error(operand, " has ", exampleRank(type), " per-example axes in ", type,
                  ", but must have ", rank);
}

LogicalResult requireUnbatched(InferringOp op, StringRef operand, Type type) {
  if (!isBatched(type))
    return success();
  return op.error(operand, " of type ", type,
                  " depends on the example, but must be the same for all");
}

LogicalResult requireSameBatching(InferringOp op, Type lhs, Type rhs) {
  if (isBatched(lhs) == isBatched(rhs))
    return success();
  return op.error("operands of types ", lhs, " and ", rhs,
                  " must both have a batch axis, or neither");
}

LogicalResult requireSameElements(InferringOp op, Type lhs, Type rhs) {
  if (getElementTypeOrSelf(lhs) == getElementTypeOrSelf(rhs))
    return success();
  return op.error("operands of types ", lhs, " and ", rhs, " have different element types",
                  castHint(lhs, rhs));
}

StringRef castHint(Type lhs, Type rhs) {
  Type a = getElementTypeOrSelf(lhs), b = getElementTypeOrSelf(rhs);
  bool canCast = a != b && (isFloatElement(a) || isFloatElement(b));
  return canCast ? "; advx.cast converts one to the type of the other" : "";
}

LogicalResult requireAxes(InferringOp op, ArrayRef<int64_t> axes, int64_t rank) {
  int64_t last = -1;
  for (int64_t axis : axes) {
    if (axis < 0 || axis >= rank)
      return op.error("axis ", axis, " is not one of the ", rank, " per-example axes");
    if (axis <= last)
      return op.error("axes must increase, but ", axis, " follows ", last);
    last = axis;
  }
  return success();
}

LogicalResult requireAxis(InferringOp op, StringRef operand, Type type, int64_t axis) {
  if (failed(requireRanked(op, operand, type)))
    return failure();
  return requireAxes(op, {axis}, exampleRank(type));
}

LogicalResult requirePair(InferringOp op, StringRef attribute, ArrayRef<int64_t> pair,
                          int64_t least) {
  if (pair.size() != 2)
    return op.error(attribute, " has ", pair.size(),
                    " entries, but must have two, height and width");
  for (int64_t entry : pair)
    if (entry < least)
      return op.error(attribute, " has an entry ", entry, ", but the least is ", least);
  return success();
}

int64_t windowCount(int64_t size, int64_t kernel, int64_t stride, int64_t padding) {
  int64_t room = size + 2 * padding - kernel;
  return room < 0 ? 0 : room / stride + 1;
}

LogicalResult inferElementwise(InferringOp op, ValueRange operands, Type elementType,
                               SmallVectorImpl<Type> &types, unsigned conditions) {
  bool batched = false, unranked = false;
  Type shaped; // the first operand that is not a per-example scalar
  for (auto [i, operand] : llvm::enumerate(operands)) {
    Type type = operand.getType();
    if (i > conditions && failed(requireSameElements(op, operands[conditions].getType(), type)))
      return failure();
    if (!isa<RankedTensorType>(type)) {
      unranked = true;
      continue;
    }
    batched |= isBatched(type);
    if (exampleRank(type) == 0)
      continue;
    if (shaped && exampleShape(shaped) != exampleShape(type))
      return op.error("operands of types ", shaped, " and ", type,
                      " have different per-example shapes");
    shaped = type;
  }
  if (unranked)
    types.push_back(UnrankedTensorType::get(elementType));
  else
    types.push_back(
        tensorType(shaped ? exampleShape(shaped) : ArrayRef<int64_t>(), elementType, batched));
  return success();
}

LogicalResult inferRandom(InferringOp op, Type index, ArrayRef<int64_t> shape, Type elementType,
                          SmallVectorImpl<Type> &types) {
  if (failed(requireExampleRank(op, "the index", index, 0)))
    return failure();
  for (int64_t size : shape)
    if (size < 0)
      return op.error("shape has a negative entry ", size);
  types.push_back(tensorType(shape, elementType, isBatched(index)));
  return success();
}

} // namespace mlir::advx
