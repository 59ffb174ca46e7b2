//===- PoolingOps.cpp - Inference and runtime attributes --------------------===//

#include "dialect/IR/AdvxOps.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::advx;

template <typename Op> static std::string nameFor(Op op) {
  std::string name = ("advx_op_" + op->getName().stripDialect()).str();
  return op.getChannelsLast() ? name + "_channels_last" : name;
}

std::string MaxPoolIndexOp::runtimeName() { return nameFor(*this); }
std::string WindowGatherOp::runtimeName() { return nameFor(*this); }
std::string WindowScatterOp::runtimeName() { return nameFor(*this); }
std::string AvgPool2dOp::runtimeName() { return nameFor(*this); }
std::string AvgPool2dGradOp::runtimeName() { return nameFor(*this); }

/// The type of windows over an image.
static LogicalResult inferPooling(InferringOp op, Type input, ArrayRef<int64_t> kernel,
                                  ArrayRef<int64_t> stride, ArrayRef<int64_t> padding,
                                  Type elementType, SmallVectorImpl<Type> &types,
                                  bool channelsLast = false) {
  if (failed(requireExampleRank(op, "the operand", input, 3)) ||
      failed(requirePair(op, "kernel", kernel, 1)) ||
      failed(requirePair(op, "stride", stride, 1)) ||
      failed(requirePair(op, "padding", padding, 0)))
    return failure();
  ImageAxes axes(channelsLast);
  SmallVector<int64_t> shape(exampleShape(input));
  for (int i : {0, 1}) {
    int64_t &size = shape[i == 0 ? axes.height : axes.width];
    // A window that lies in the padding alone would have no maximum.
    if (2 * padding[i] > kernel[i])
      return op.error("padding ", padding[i], " is more than half of the kernel's ", kernel[i]);
    int64_t count = windowCount(size, kernel[i], stride[i], padding[i]);
    if (count < 1)
      return op.error("a window of ", kernel[i], " does not fit into ", size,
                      " elements with padding ", padding[i]);
    size = count;
  }
  types.push_back(tensorType(shape, elementType, isBatched(input)));
  return success();
}

LogicalResult MaxPoolIndexOp::inferReturnTypes(MLIRContext *context,
                                               std::optional<Location> location, Adaptor adaptor,
                                               SmallVectorImpl<Type> &types) {
  return inferPooling({getOperationName(), location}, adaptor.getInput().getType(),
                      adaptor.getKernel(), adaptor.getStride(), adaptor.getPadding(),
                      IntegerType::get(context, 64), types, adaptor.getChannelsLast());
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
                      adaptor.getStride(), adaptor.getPadding(), getElementTypeOrSelf(input), types,
                      adaptor.getChannelsLast());
}

LogicalResult AvgPool2dGradOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                                Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type cotangent = adaptor.getCotangent().getType();
  ArrayRef<int64_t> size = adaptor.getInputSize();
  if (failed(requireExampleRank(op, "the cotangent", cotangent, 3)) ||
      failed(requirePair(op, "input", size, 1)))
    return failure();
  ImageAxes axes(adaptor.getChannelsLast());
  auto result = tensorType(axes.shape(exampleShape(cotangent)[axes.channel], size[0], size[1]),
                           getElementTypeOrSelf(cotangent), isBatched(cotangent));
  SmallVector<Type> forward;
  if (failed(inferPooling(op, result, adaptor.getKernel(), adaptor.getStride(),
                          adaptor.getPadding(), getElementTypeOrSelf(cotangent), forward,
                          adaptor.getChannelsLast())))
    return failure();
  if (forward[0] != cotangent)
    return op.error("the cotangent has type ", cotangent, ", but the pooling gives ", forward[0]);
  types.push_back(result);
  return success();
}

static LogicalResult requireIndex(InferringOp op, Type image, Type index, ImageAxes axes) {
  if (failed(requireExampleRank(op, "the image", image, 3)) ||
      failed(requireExampleRank(op, "the index", index, 3)) ||
      failed(requireSameBatching(op, image, index)))
    return failure();
  int64_t channels = exampleShape(image)[axes.channel];
  if (channels != exampleShape(index)[axes.channel])
    return op.error("the image has ", channels, " channels, but the index has ",
                    exampleShape(index)[axes.channel]);
  return success();
}

LogicalResult WindowGatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                               Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type input = adaptor.getInput().getType(), index = adaptor.getIndex().getType();
  if (failed(requireIndex({getOperationName(), location}, input, index,
                          ImageAxes(adaptor.getChannelsLast()))))
    return failure();
  types.push_back(tensorType(exampleShape(index), getElementTypeOrSelf(input), isBatched(input)));
  return success();
}

LogicalResult WindowScatterOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                                Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type cotangent = adaptor.getCotangent().getType(), index = adaptor.getIndex().getType();
  ArrayRef<int64_t> size = adaptor.getInputSize();
  ImageAxes axes(adaptor.getChannelsLast());
  if (failed(requireIndex(op, cotangent, index, axes)) || failed(requirePair(op, "input", size, 1)))
    return failure();
  if (exampleShape(cotangent) != exampleShape(index))
    return op.error("the cotangent has type ", cotangent, ", but the index has type ", index);
  types.push_back(tensorType(axes.shape(exampleShape(index)[axes.channel], size[0], size[1]),
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
