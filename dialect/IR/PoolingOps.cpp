//===- PoolingOps.cpp - Inference and runtime attributes --------------------===//

#include "dialect/IR/AdvxOps.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::advx;

/// The per-example shape `[C, Ho, Wo]` of windows over `[C, H, W]`.
static LogicalResult inferPooling(InferringOp op, Type input, ArrayRef<int64_t> kernel,
                                  ArrayRef<int64_t> stride, ArrayRef<int64_t> padding,
                                  Type elementType, SmallVectorImpl<Type> &types) {
  if (failed(requireExampleRank(op, "the operand", input, 3)) ||
      failed(requirePair(op, "kernel", kernel, 1)) ||
      failed(requirePair(op, "stride", stride, 1)) ||
      failed(requirePair(op, "padding", padding, 0)))
    return failure();
  SmallVector<int64_t> shape(exampleShape(input));
  for (int i : {0, 1}) {
    // A window that lies in the padding alone would have no maximum.
    if (2 * padding[i] > kernel[i])
      return op.error("padding ", padding[i], " is more than half of the kernel's ", kernel[i]);
    int64_t count = windowCount(shape[i + 1], kernel[i], stride[i], padding[i]);
    if (count < 1)
      return op.error("a window of ", kernel[i], " does not fit into ", shape[i + 1],
                      " elements with padding ", padding[i]);
    shape[i + 1] = count;
  }
  types.push_back(tensorType(shape, elementType, isBatched(input)));
  return success();
}

LogicalResult MaxPoolIndexOp::inferReturnTypes(MLIRContext *context,
                                               std::optional<Location> location, Adaptor adaptor,
                                               SmallVectorImpl<Type> &types) {
  return inferPooling({getOperationName(), location}, adaptor.getInput().getType(),
                      adaptor.getKernel(), adaptor.getStride(), adaptor.getPadding(),
                      IntegerType::get(context, 64), types);
}

LogicalResult MaxPool2dOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type input = adaptor.getInput().getType();
  return inferPooling({getOperationName(), location}, input, adaptor.getKernel(),
                      adaptor.getStride(), adaptor.getPadding(), getElementTypeOrSelf(input),
                      types);
}

LogicalResult AvgPool2dOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type input = adaptor.getInput().getType();
  return inferPooling({getOperationName(), location}, input, adaptor.getKernel(),
                      adaptor.getStride(), adaptor.getPadding(), getElementTypeOrSelf(input),
                      types);
}

LogicalResult AvgPool2dGradOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                                Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type cotangent = adaptor.getCotangent().getType();
  ArrayRef<int64_t> size = adaptor.getInputSize();
  if (failed(requireExampleRank(op, "the cotangent", cotangent, 3)) ||
      failed(requirePair(op, "input", size, 1)))
    return failure();
  auto result = tensorType({exampleShape(cotangent)[0], size[0], size[1]},
                           getElementTypeOrSelf(cotangent), isBatched(cotangent));
  SmallVector<Type> forward;
  if (failed(inferPooling(op, result, adaptor.getKernel(), adaptor.getStride(),
                          adaptor.getPadding(), getElementTypeOrSelf(cotangent), forward)))
    return failure();
  if (forward[0] != cotangent)
    return op.error("the cotangent has type ", cotangent, ", but the pooling gives ", forward[0]);
  types.push_back(result);
  return success();
}

static LogicalResult requireIndex(InferringOp op, Type image, Type index) {
  if (failed(requireExampleRank(op, "the image", image, 3)) ||
      failed(requireExampleRank(op, "the index", index, 3)) ||
      failed(requireSameBatching(op, image, index)))
    return failure();
  if (exampleShape(image)[0] != exampleShape(index)[0])
    return op.error("the image has ", exampleShape(image)[0], " channels, but the index has ",
                    exampleShape(index)[0]);
  return success();
}

LogicalResult WindowGatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                               Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type input = adaptor.getInput().getType(), index = adaptor.getIndex().getType();
  if (failed(requireIndex({getOperationName(), location}, input, index)))
    return failure();
  types.push_back(tensorType(exampleShape(index), getElementTypeOrSelf(input), isBatched(input)));
  return success();
}

LogicalResult WindowScatterOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                                Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type cotangent = adaptor.getCotangent().getType(), index = adaptor.getIndex().getType();
  ArrayRef<int64_t> size = adaptor.getInputSize();
  if (failed(requireIndex(op, cotangent, index)) || failed(requirePair(op, "input", size, 1)))
    return failure();
  if (exampleShape(cotangent) != exampleShape(index))
    return op.error("the cotangent has type ", cotangent, ", but the index has type ", index);
  types.push_back(tensorType({exampleShape(index)[0], size[0], size[1]},
                             getElementTypeOrSelf(cotangent), isBatched(cotangent)));
  return success();
}

template <typename Op> static void appendGeometry(Op op, SmallVectorImpl<int64_t> &attributes) {
  llvm::append_range(attributes, op.getKernel());
  llvm::append_range(attributes, op.getStride());
  llvm::append_range(attributes, op.getPadding());
}

void MaxPoolIndexOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  appendGeometry(*this, attributes);
}
void AvgPool2dOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  appendGeometry(*this, attributes);
}
void AvgPool2dGradOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  appendGeometry(*this, attributes);
}
