//===- LinearOps.cpp - Inference, canonical forms, runtime attributes -------===//

#include "dialect/IR/AdvxOps.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::advx;

/// The -O0 form for an op without provider; it knows nothing of layouts and epilogues,
/// which the provider `plain` does.
template <typename Op> static std::string nameFor(Op op, bool isExtended = false) {
  std::string name = ("advx_op_" + op->getName().stripDialect()).str();
  if (op.getProvider())
    return name + "_" + op.getProvider()->str();
  return isExtended ? name + "_plain" : name;
}

static int64_t elements(Value value) { return exampleElements(value.getType()); }

std::string MatvecOp::runtimeName() { return nameFor(*this); }
std::string OuterOp::runtimeName() { return nameFor(*this); }
std::string MatmulOp::runtimeName() { return nameFor(*this); }

LogicalResult MatvecOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type matrix = adaptor.getMatrix().getType(), vector = adaptor.getVector().getType();
  if (failed(requireExampleRank(op, "the matrix", matrix, 2)) ||
      failed(requireUnbatched(op, "the matrix", matrix)) ||
      failed(requireExampleRank(op, "the vector", vector, 1)) ||
      failed(requireSameElements(op, matrix, vector)))
    return failure();
  bool transpose = adaptor.getTranspose();
  int64_t rows = exampleShape(matrix)[transpose ? 1 : 0];
  int64_t columns = exampleShape(matrix)[transpose ? 0 : 1];
  if (exampleShape(vector)[0] != columns)
    return op.error("the vector has ", exampleShape(vector)[0], " elements, but the matrix ",
                    transpose ? "(transposed) " : "", "has ", columns, " columns");
  types.push_back(tensorType({rows}, getElementTypeOrSelf(vector), isBatched(vector)));
  return success();
}

/// A transposed matrix is a flag of the product.
LogicalResult MatvecOp::canonicalize(MatvecOp op, PatternRewriter &rewriter) {
  auto transpose = op.getMatrix().getDefiningOp<TransposeOp>();
  if (!transpose || transpose.getPermutation() != ArrayRef<int64_t>({1, 0}))
    return failure();
  rewriter.modifyOpInPlace(op, [&] {
    op.getMatrixMutable().assign(transpose.getInput());
    op.setTranspose(!op.getTranspose());
  });
  return success();
}

void MatvecOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  attributes.push_back(getTranspose());
}

/// A matrix up to this size stays in a core's first cache while rows pass by.
static constexpr int64_t smallMatrixBytes = 32 << 10;

FusionRole MatvecOp::getFusionRole() {
  int64_t bytes = exampleBytes(getMatrix().getType());
  return isBatched(getType()) && bytes <= smallMatrixBytes ? FusionRole::fusible
                                                           : FusionRole::library;
}

bool MatvecOp::hasKernelForm() { return true; }
int64_t MatvecOp::getFlops() { return 2 * elements(getMatrix()); }
ReductionKind MatvecOp::getReductionKind() { return ReductionKind::sum; }

SmallVector<int64_t> MatvecOp::getReducedAxes(unsigned operand) {
  return {operand == 0 && !getTranspose() ? 1 : 0};
}

int64_t OuterOp::getFlops() { return 2 * elements(getResult()); }

LogicalResult OuterOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                        Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type lhs = adaptor.getLhs().getType(), rhs = adaptor.getRhs().getType();
  if (failed(requireExampleRank(op, "the left vector", lhs, 1)) ||
      failed(requireExampleRank(op, "the right vector", rhs, 1)) ||
      failed(requireSameBatching(op, lhs, rhs)) || failed(requireSameElements(op, lhs, rhs)))
    return failure();
  types.push_back(
      tensorType({exampleShape(lhs)[0], exampleShape(rhs)[0]}, getElementTypeOrSelf(lhs), false));
  return success();
}

LogicalResult MatmulOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type lhs = adaptor.getLhs().getType(), rhs = adaptor.getRhs().getType();
  if (failed(requireExampleRank(op, "the left matrix", lhs, 2)) ||
      failed(requireExampleRank(op, "the right matrix", rhs, 2)) ||
      failed(requireUnbatched(op, "the left matrix", lhs)) ||
      failed(requireUnbatched(op, "the right matrix", rhs)) ||
      failed(requireSameElements(op, lhs, rhs)))
    return failure();
  bool ta = adaptor.getTransposeA(), tb = adaptor.getTransposeB();
  int64_t inner = exampleShape(lhs)[ta ? 0 : 1], other = exampleShape(rhs)[tb ? 1 : 0];
  if (inner != other)
    return op.error("the left matrix has ", inner, " columns, but the right one ", other, " rows");
  types.push_back(tensorType({exampleShape(lhs)[ta ? 1 : 0], exampleShape(rhs)[tb ? 0 : 1]},
                             getElementTypeOrSelf(lhs), false));
  return success();
}

int64_t MatmulOp::getFlops() {
  return 2 * exampleShape(getLhs().getType())[getTransposeA() ? 0 : 1] * elements(getResult());
}

void MatmulOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  attributes.append({getTransposeA(), getTransposeB()});
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

static LogicalResult requireGeometry(InferringOp op, ArrayRef<int64_t> stride,
                                     ArrayRef<int64_t> padding) {
  return success(succeeded(requirePair(op, "stride", stride, 1)) &&
                 succeeded(requirePair(op, "padding", padding, 0)));
}

/// Refuses an output `[Ho, Wo]` that these windows over `[H, W]` do not give.
static LogicalResult requireWindows(InferringOp op, ArrayRef<int64_t> size,
                                    ArrayRef<int64_t> kernel, ArrayRef<int64_t> stride,
                                    ArrayRef<int64_t> padding, ArrayRef<int64_t> output) {
  for (int i : {0, 1}) {
    int64_t count = windowCount(size[i], kernel[i], stride[i], padding[i]);
    if (count != output[i])
      return op.error(i == 0 ? "height" : "width", " of the cotangent is ", output[i], ", but ",
                      count, " windows of ", kernel[i], " fit into ", size[i]);
  }
  return success();
}

static LogicalResult requireChannels(InferringOp op, StringRef operand, int64_t found,
                                     int64_t expected) {
  if (found == expected)
    return success();
  return op.error(operand, " has ", found, " channels, but the weight expects ", expected);
}

static LogicalResult requireWeight(InferringOp op, Type weight, Type image) {
  return success(succeeded(requireExampleRank(op, "the weight", weight, 4)) &&
                 succeeded(requireUnbatched(op, "the weight", weight)) &&
                 succeeded(requireSameElements(op, image, weight)));
}

LogicalResult Conv2dOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type input = adaptor.getInput().getType(), weight = adaptor.getWeight().getType();
  ArrayRef<int64_t> stride = adaptor.getStride(), padding = adaptor.getPadding();
  if (failed(requireExampleRank(op, "the input", input, 3)) ||
      failed(requireWeight(op, weight, input)) || failed(requireGeometry(op, stride, padding)))
    return failure();
  ImageAxes axes(adaptor.getChannelsLast());
  ArrayRef<int64_t> image = exampleShape(input), kernel = exampleShape(weight);
  if (failed(requireChannels(op, "the input", image[axes.channel], kernel[1])))
    return failure();
  SmallVector<int64_t> size = axes.size(image);
  int64_t height = windowCount(size[0], kernel[2], stride[0], padding[0]);
  int64_t width = windowCount(size[1], kernel[3], stride[1], padding[1]);
  if (height < 1 || width < 1)
    return op.error("a kernel of ", kernel[2], "x", kernel[3], " does not fit into an image of ",
                    size[0], "x", size[1], " with padding ", padding[0], "x", padding[1]);
  if (Value bias = adaptor.getBias()) {
    Type type = bias.getType();
    if (failed(requireExampleRank(op, "the bias", type, 1)) ||
        failed(requireUnbatched(op, "the bias", type)) ||
        failed(requireSameElements(op, input, type)))
      return failure();
    if (exampleShape(type)[0] != kernel[0])
      return op.error("the bias has ", exampleShape(type)[0], " elements, but the weight gives ",
                      kernel[0], " channels");
  }
  types.push_back(tensorType(axes.shape(kernel[0], height, width), getElementTypeOrSelf(input),
                             isBatched(input)));
  return success();
}

LogicalResult Conv2dInputGradOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                                  Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type cotangent = adaptor.getCotangent().getType(), weight = adaptor.getWeight().getType();
  ArrayRef<int64_t> stride = adaptor.getStride(), padding = adaptor.getPadding();
  ArrayRef<int64_t> size = adaptor.getInputSize();
  if (failed(requireExampleRank(op, "the cotangent", cotangent, 3)) ||
      failed(requireWeight(op, weight, cotangent)) ||
      failed(requireGeometry(op, stride, padding)) || failed(requirePair(op, "input", size, 1)))
    return failure();
  ImageAxes axes(adaptor.getChannelsLast());
  ArrayRef<int64_t> output = exampleShape(cotangent), kernel = exampleShape(weight);
  if (output[axes.channel] != kernel[0])
    return op.error("the cotangent has ", output[axes.channel], " channels, but the weight gives ",
                    kernel[0]);
  if (failed(requireWindows(op, size, kernel.drop_front(2), stride, padding, axes.size(output))))
    return failure();
  types.push_back(tensorType(axes.shape(kernel[1], size[0], size[1]),
                             getElementTypeOrSelf(cotangent), isBatched(cotangent)));
  return success();
}

LogicalResult Conv2dWeightGradOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                                   Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type input = adaptor.getInput().getType(), cotangent = adaptor.getCotangent().getType();
  ArrayRef<int64_t> stride = adaptor.getStride(), padding = adaptor.getPadding();
  ArrayRef<int64_t> kernel = adaptor.getKernel();
  if (failed(requireExampleRank(op, "the input", input, 3)) ||
      failed(requireExampleRank(op, "the cotangent", cotangent, 3)) ||
      failed(requireSameBatching(op, input, cotangent)) ||
      failed(requireSameElements(op, input, cotangent)) ||
      failed(requireGeometry(op, stride, padding)) || failed(requirePair(op, "kernel", kernel, 1)))
    return failure();
  ImageAxes axes(adaptor.getChannelsLast());
  ArrayRef<int64_t> image = exampleShape(input), output = exampleShape(cotangent);
  if (failed(requireWindows(op, axes.size(image), kernel, stride, padding, axes.size(output))))
    return failure();
  types.push_back(tensorType({output[axes.channel], image[axes.channel], kernel[0], kernel[1]},
                             getElementTypeOrSelf(input), false));
  return success();
}

template <typename Op> static void appendGeometry(Op op, SmallVectorImpl<int64_t> &attributes) {
  llvm::append_range(attributes, op.getStride());
  llvm::append_range(attributes, op.getPadding());
  if (op.getProvider() || op.getChannelsLast())
    attributes.append({op.getChannelsLast(), op.getAlgorithm() == "winograd"});
}

static bool isExtended(Conv2dOp op) { return op.getChannelsLast() || op.getBias() || op.getRelu(); }

std::string Conv2dOp::runtimeName() { return nameFor(*this, isExtended(*this)); }
std::string Conv2dInputGradOp::runtimeName() { return nameFor(*this, getChannelsLast()); }
std::string Conv2dWeightGradOp::runtimeName() { return nameFor(*this, getChannelsLast()); }

void Conv2dOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  llvm::append_range(attributes, getStride());
  llvm::append_range(attributes, getPadding());
  if (getProvider() || isExtended(*this))
    attributes.append(
        {getChannelsLast(), getAlgorithm() == "winograd", getBias() != nullptr, getRelu()});
}
void Conv2dInputGradOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  appendGeometry(*this, attributes);
}
void Conv2dWeightGradOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  appendGeometry(*this, attributes);
}

/// Two times the multiply-adds, which pair each output with each tap: weight elements times
/// positions of the image that is smaller by the stride.
static int64_t convolutionFlops(Value weight, Value output) {
  return 2 * (elements(weight) * elements(output) / exampleShape(weight.getType())[0]);
}

int64_t Conv2dOp::getFlops() { return convolutionFlops(getWeight(), getResult()); }
int64_t Conv2dInputGradOp::getFlops() { return convolutionFlops(getWeight(), getCotangent()); }
int64_t Conv2dWeightGradOp::getFlops() { return convolutionFlops(getResult(), getCotangent()); }
