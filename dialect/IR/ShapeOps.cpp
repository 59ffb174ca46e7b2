//===- ShapeOps.cpp - Inference, folders, runtime attributes ---------------===//

#include "dialect/IR/AdvxOps.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::advx;

/// Refuses a shape with an entry below 0.
static LogicalResult requireShape(InferringOp op, ArrayRef<int64_t> shape) {
  for (int64_t size : shape)
    if (size < 0)
      return op.error("shape has a negative entry ", size);
  return success();
}

LogicalResult BroadcastOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type input = adaptor.getInput().getType();
  ArrayRef<int64_t> shape = adaptor.getShape(), axes = adaptor.getAxes();
  if (failed(requireExampleRank(op, "the operand", input, static_cast<int64_t>(axes.size()))) ||
      failed(requireShape(op, shape)) ||
      failed(requireAxes(op, axes, static_cast<int64_t>(shape.size()))))
    return failure();
  for (auto [axis, size] : llvm::zip_equal(axes, exampleShape(input)))
    if (shape[axis] != size)
      return op.error("axis ", axis, " of the result has ", shape[axis],
                      " elements, but comes from an axis of ", size);
  types.push_back(tensorType(shape, getElementTypeOrSelf(input), isBatched(input)));
  return success();
}

OpFoldResult BroadcastOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? OpFoldResult(getInput()) : OpFoldResult();
}

void BroadcastOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  llvm::append_range(attributes, getAxes());
}

LogicalResult ReshapeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type input = adaptor.getInput().getType();
  if (failed(requireRanked(op, "the operand", input)) ||
      failed(requireShape(op, adaptor.getShape())))
    return failure();
  auto result = tensorType(adaptor.getShape(), getElementTypeOrSelf(input), isBatched(input));
  if (exampleElements(input) != exampleElements(result))
    return op.error("an example has ", exampleElements(input), " elements, but the shape asks for ",
                    exampleElements(result));
  types.push_back(result);
  return success();
}

bool ReshapeOp::keepsElements() { return true; }

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType())
    return getInput();
  if (auto inner = getInput().getDefiningOp<ReshapeOp>()) {
    getInputMutable().assign(inner.getInput());
    return getResult();
  }
  return {};
}

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type input = adaptor.getInput().getType();
  ArrayRef<int64_t> permutation = adaptor.getPermutation();
  int64_t rank = static_cast<int64_t>(permutation.size());
  if (failed(requireExampleRank(op, "the operand", input, rank)))
    return failure();
  SmallVector<int64_t> shape;
  SmallVector<bool> seen(rank, false);
  for (int64_t axis : permutation) {
    if (axis < 0 || axis >= rank || seen[axis])
      return op.error("permutation must name each of the ", rank, " per-example axes once; found ",
                      axis);
    seen[axis] = true;
    shape.push_back(exampleShape(input)[axis]);
  }
  types.push_back(tensorType(shape, getElementTypeOrSelf(input), isBatched(input)));
  return success();
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  if (auto inner = getInput().getDefiningOp<TransposeOp>()) {
    SmallVector<int64_t> both;
    for (int64_t axis : getPermutation())
      both.push_back(inner.getPermutation()[axis]);
    getInputMutable().assign(inner.getInput());
    setPermutation(both);
    return getResult();
  }
  for (auto [i, axis] : llvm::enumerate(getPermutation()))
    if (axis != static_cast<int64_t>(i))
      return {};
  return getInput();
}

void TransposeOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  llvm::append_range(attributes, getPermutation());
}

/// The type of `input` with `size` elements along an axis, after checking that the
/// shorter of the two lies in the longer from `begin` on.
static LogicalResult inferSlice(InferringOp op, Type input, int64_t axis, int64_t begin,
                                int64_t size, bool pads, SmallVectorImpl<Type> &types) {
  if (failed(requireAxis(op, "the operand", input, axis)))
    return failure();
  SmallVector<int64_t> shape(exampleShape(input));
  int64_t part = pads ? shape[axis] : size, whole = pads ? size : shape[axis];
  if (begin < 0 || part < 0 || begin + part > whole)
    return op.error("elements ", begin, " to ", begin + part, " do not lie within the ", whole,
                    " of axis ", axis);
  shape[axis] = size;
  types.push_back(tensorType(shape, getElementTypeOrSelf(input), isBatched(input)));
  return success();
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                        Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferSlice({getOperationName(), location}, adaptor.getInput().getType(), adaptor.getAxis(),
                    adaptor.getBegin(), adaptor.getSize(), false, types);
}

OpFoldResult SliceOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? OpFoldResult(getInput()) : OpFoldResult();
}

void SliceOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  attributes.append({static_cast<int64_t>(getAxis()), static_cast<int64_t>(getBegin())});
}

LogicalResult PadSliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                           Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferSlice({getOperationName(), location}, adaptor.getInput().getType(), adaptor.getAxis(),
                    adaptor.getBegin(), adaptor.getSize(), true, types);
}

void PadSliceOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  attributes.append({static_cast<int64_t>(getAxis()), static_cast<int64_t>(getBegin())});
}

LogicalResult ReverseOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type input = adaptor.getInput().getType();
  int64_t axis = adaptor.getAxis();
  if (failed(requireAxis({getOperationName(), location}, "the operand", input, axis)))
    return failure();
  types.push_back(input);
  return success();
}

OpFoldResult ReverseOp::fold(FoldAdaptor) {
  auto inner = getInput().getDefiningOp<ReverseOp>();
  return inner && inner.getAxis() == getAxis() ? OpFoldResult(inner.getInput()) : OpFoldResult();
}

void ReverseOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  attributes.push_back(static_cast<int64_t>(getAxis()));
}

LogicalResult ShiftOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                        Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type input = adaptor.getInput().getType(), by = adaptor.getBy().getType();
  if (failed(requireAxis(op, "the operand", input, adaptor.getAxis())) ||
      failed(requireExampleRank(op, "the amount", by, 0)) ||
      (isFloatTensor(input) && failed(requireSameElements(op, input, by))))
    return failure();
  types.push_back(tensorType(exampleShape(input), getElementTypeOrSelf(input),
                             isBatched(input) || isBatched(by)));
  return success();
}

void ShiftOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  attributes.push_back(static_cast<int64_t>(getAxis()));
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  if (adaptor.getInputs().empty())
    return op.error("needs at least one operand");
  Type first = adaptor.getInputs().front().getType();
  int64_t axis = adaptor.getAxis(), size = 0;
  bool batched = false;
  if (failed(requireAxis(op, "an operand", first, axis)))
    return failure();
  SmallVector<int64_t> shape(exampleShape(first));
  for (Value input : adaptor.getInputs()) {
    Type type = input.getType();
    if (failed(requireExampleRank(op, "an operand", type, exampleRank(first))) ||
        failed(requireSameElements(op, first, type)))
      return failure();
    SmallVector<int64_t> expected(shape);
    expected[axis] = exampleShape(type)[axis];
    if (ArrayRef<int64_t>(expected) != exampleShape(type))
      return op.error("operands of types ", first, " and ", type, " may differ only along axis ",
                      axis);
    size += exampleShape(type)[axis];
    batched |= isBatched(type);
  }
  shape[axis] = size;
  types.push_back(tensorType(shape, getElementTypeOrSelf(first), batched));
  return success();
}

void ConcatOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  attributes.append({static_cast<int64_t>(getInputs().size()), static_cast<int64_t>(getAxis())});
}
