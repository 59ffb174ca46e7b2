//===- ReductionOps.cpp - Inference, folders, runtime attributes -----------===//

#include "dialect/IR/AdvxOps.h"

#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace mlir::advx;

/// The operand's type without the axes; a scalar where all of them go.
static LogicalResult inferReduction(InferringOp op, Type input,
                                    std::optional<ArrayRef<int64_t>> axes,
                                    SmallVectorImpl<Type> &types) {
  if (!isa<RankedTensorType>(input)) {
    if (axes)
      return op.error("axes need an operand of known rank, but it has type ", input);
    types.push_back(RankedTensorType::get({}, getElementTypeOrSelf(input)));
    return success();
  }
  SmallVector<int64_t> reduced = axesOrAll(input, axes);
  if (failed(requireAxes(op, reduced, exampleRank(input))))
    return failure();
  SmallVector<int64_t> shape;
  for (auto [axis, size] : llvm::enumerate(exampleShape(input)))
    if (!llvm::is_contained(reduced, static_cast<int64_t>(axis)))
      shape.push_back(size);
  types.push_back(tensorType(shape, getElementTypeOrSelf(input), isBatched(input)));
  return success();
}

static void appendAxes(ArrayRef<int64_t> axes, SmallVectorImpl<int64_t> &attributes) {
  attributes.push_back(static_cast<int64_t>(axes.size()));
  llvm::append_range(attributes, axes);
}

LogicalResult ReduceSumOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferReduction({getOperationName(), location}, adaptor.getInput().getType(),
                        adaptor.getAxes(), types);
}

OpFoldResult ReduceSumOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? OpFoldResult(getInput()) : OpFoldResult();
}

void ReduceSumOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  appendAxes(getAxesOrAll(), attributes);
}

LogicalResult ReduceMaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferReduction({getOperationName(), location}, adaptor.getInput().getType(),
                        adaptor.getAxes(), types);
}

OpFoldResult ReduceMaxOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? OpFoldResult(getInput()) : OpFoldResult();
}

void ReduceMaxOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  appendAxes(getAxesOrAll(), attributes);
}

LogicalResult FirstMaxMaskOp::inferReturnTypes(MLIRContext *context,
                                               std::optional<Location> location, Adaptor adaptor,
                                               SmallVectorImpl<Type> &types) {
  SmallVector<Type> reduced;
  Type input = adaptor.getInput().getType();
  if (failed(inferReduction({getOperationName(), location}, input, adaptor.getAxes(), reduced)))
    return failure();
  types.push_back(cast<TensorType>(input).clone(IntegerType::get(context, 1)));
  return success();
}

void FirstMaxMaskOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  appendAxes(getAxesOrAll(), attributes);
}

LogicalResult ArgmaxOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type input = adaptor.getInput().getType();
  if (failed(requireExampleRank({getOperationName(), location}, "the operand", input, 1)))
    return failure();
  types.push_back(tensorType({}, IntegerType::get(context, 64), isBatched(input)));
  return success();
}

LogicalResult OneHotOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type label = adaptor.getLabel().getType();
  int64_t classes = adaptor.getClasses();
  if (failed(requireExampleRank(op, "the label", label, 0)))
    return failure();
  if (classes < 1)
    return op.error("has ", classes, " classes, but needs at least one");
  types.push_back(tensorType({classes}, IntegerType::get(context, 1), isBatched(label)));
  return success();
}

//===----------------------------------------------------------------------===//
// The batch
//===----------------------------------------------------------------------===//

LogicalResult BatchSumOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                           Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type input = adaptor.getInput().getType();
  types.push_back(isa<RankedTensorType>(input) ? withoutBatch(input) : input);
  return success();
}

LogicalResult BatchBroadcastOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                                 Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type input = adaptor.getInput().getType(), like = adaptor.getLike().getType();
  if (failed(requireRanked(op, "the operand", input)) ||
      failed(requireUnbatched(op, "the operand", input)) ||
      failed(requireRanked(op, "`like`", like)))
    return failure();
  types.push_back(isBatched(like) ? withBatch(input) : cast<RankedTensorType>(input));
  return success();
}

/// The batched value that `like` takes its batch from: through ops to an operand,
/// through loops to what they start with. So neither a loop nor a computation has to
/// stay for the number of examples alone.
static Value batchSource(Value like) {
  while (isBatched(like.getType())) {
    Value next;
    if (Operation *op = like.getDefiningOp()) {
      if (auto loop = dyn_cast<LoopLikeOpInterface>(op)) {
        if (OpOperand *init = loop.getTiedLoopInit(cast<OpResult>(like)))
          next = init->get();
      } else if (isa<AdvxDialect>(op->getDialect()) && isPure(op)) {
        for (Value operand : op->getOperands())
          if (!next && isBatched(operand.getType()))
            next = operand;
      }
    } else if (auto loop = dyn_cast<LoopLikeOpInterface>(like.getParentBlock()->getParentOp())) {
      if (OpOperand *init = loop.getTiedLoopInit(cast<BlockArgument>(like)))
        next = init->get();
    }
    if (!next)
      break;
    like = next;
  }
  return like;
}

/// Gives an op that only counts examples the source of its batch.
template <typename Op> static LogicalResult useBatchSource(Op op, PatternRewriter &rewriter) {
  Value source = batchSource(op.getLike());
  if (source == op.getLike())
    return failure();
  rewriter.modifyOpInPlace(op, [&] { op.getLikeMutable().assign(source); });
  return success();
}

LogicalResult BatchBroadcastOp::canonicalize(BatchBroadcastOp op, PatternRewriter &rewriter) {
  return useBatchSource(op, rewriter);
}

LogicalResult BatchSizeOp::canonicalize(BatchSizeOp op, PatternRewriter &rewriter) {
  return useBatchSource(op, rewriter);
}
