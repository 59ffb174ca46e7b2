//===- ElementwiseOps.cpp - Folders, canonical forms, runtime attributes ------===//

#include "dialect/IR/AdvxOps.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::advx;

/// True for a constant, all of whose elements are `number`.
static bool isConstant(Value value, double number) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<BroadcastOp, BatchBroadcastOp>(op))
      break;
    value = op->getOperand(0);
  }
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant && constant.getValue().convertToDouble() == number;
}

/// `kept` where it can stand for the whole result: the other operand did not broadcast it.
static OpFoldResult ifSameType(Value kept, Type result) {
  return kept.getType() == result ? OpFoldResult(kept) : OpFoldResult();
}

OpFoldResult NegOp::fold(FoldAdaptor) {
  if (auto inner = getInput().getDefiningOp<NegOp>())
    return inner.getInput();
  return {};
}

OpFoldResult LogicalNotOp::fold(FoldAdaptor) {
  if (auto inner = getInput().getDefiningOp<LogicalNotOp>())
    return inner.getInput();
  return {};
}

// x + 0 loses the sign of a zero x = -0, which no op of the dialect can tell
// from 0 except through a division by it.
OpFoldResult AddOp::fold(FoldAdaptor) {
  if (isConstant(getRhs(), 0))
    return ifSameType(getLhs(), getType());
  if (isConstant(getLhs(), 0))
    return ifSameType(getRhs(), getType());
  return {};
}

OpFoldResult SubOp::fold(FoldAdaptor) {
  return isConstant(getRhs(), 0) ? ifSameType(getLhs(), getType()) : OpFoldResult();
}

OpFoldResult MulOp::fold(FoldAdaptor) {
  if (isConstant(getRhs(), 1))
    return ifSameType(getLhs(), getType());
  if (isConstant(getLhs(), 1))
    return ifSameType(getRhs(), getType());
  return {};
}

OpFoldResult DivOp::fold(FoldAdaptor) {
  return isConstant(getRhs(), 1) ? ifSameType(getLhs(), getType()) : OpFoldResult();
}

OpFoldResult MaximumOp::fold(FoldAdaptor) {
  return getLhs() == getRhs() ? OpFoldResult(getLhs()) : OpFoldResult();
}

OpFoldResult MinimumOp::fold(FoldAdaptor) {
  return getLhs() == getRhs() ? OpFoldResult(getLhs()) : OpFoldResult();
}

OpFoldResult SelectOp::fold(FoldAdaptor) {
  if (getOnTrue() == getOnFalse())
    return ifSameType(getOnTrue(), getType());
  if (isConstant(getCondition(), 1))
    return ifSameType(getOnTrue(), getType());
  if (isConstant(getCondition(), 0))
    return ifSameType(getOnFalse(), getType());
  return {};
}

// A cast that rounds nothing may be left out before another one; of two that round, or of
// one that another only widens, both show in the value.
OpFoldResult CastOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType())
    return getInput();
  auto inner = getInput().getDefiningOp<CastOp>();
  if (!inner || !holdsAll(inner.getTo(), getElementTypeOrSelf(inner.getInput().getType())))
    return {};
  getInputMutable().assign(inner.getInput());
  return getResult();
}

//===----------------------------------------------------------------------===//
// Broadcasts
//===----------------------------------------------------------------------===//

/// What `value` repeats, where an elementwise op repeats it by itself: a value without
/// a batch axis or a per-example scalar. Null where `value` repeats nothing of the kind.
static Value repeated(Value value) {
  if (auto batch = value.getDefiningOp<BatchBroadcastOp>())
    return batch.getInput();
  if (auto shape = value.getDefiningOp<BroadcastOp>())
    if (isa<RankedTensorType>(shape.getInput().getType()) &&
        exampleRank(shape.getInput().getType()) == 0)
      return shape.getInput();
  return {};
}

namespace {
/// Gives an elementwise op what a broadcast repeats, where the other operands alone
/// determine the type of the result.
struct DropBroadcast : OpInterfaceRewritePattern<ElementwiseOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(ElementwiseOpInterface op,
                                PatternRewriter &rewriter) const override {
    for (OpOperand &operand : op->getOpOperands()) {
      Value inner = repeated(operand.get());
      if (!inner)
        continue;
      SmallVector<Value> operands(op->getOperands());
      operands[operand.getOperandNumber()] = inner;
      FailureOr<SmallVector<Type>> types = inferTypes(op, operands, std::nullopt);
      if (failed(types) || types->front() != op->getResult(0).getType())
        continue;
      rewriter.modifyOpInPlace(op, [&] { operand.set(inner); });
      return success();
    }
    return failure();
  }
};

/// Computes once what a batch broadcast would compute for each example: an op whose
/// batched operands are all broadcasts is broadcast itself.
struct SinkBroadcast : OpInterfaceRewritePattern<ElementwiseOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(ElementwiseOpInterface op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> operands;
    Value like;
    for (Value operand : op->getOperands()) {
      if (auto broadcast = operand.getDefiningOp<BatchBroadcastOp>()) {
        like = broadcast.getLike();
        operand = broadcast.getInput();
      }
      if (!isa<RankedTensorType>(operand.getType()) || isBatched(operand.getType()))
        return failure();
      operands.push_back(operand);
    }
    if (!like || !isBatched(like.getType()))
      return failure();
    Operation *once = cloneAndInfer(rewriter, op, operands);
    if (!once)
      return failure();
    rewriter.replaceOpWithNewOp<BatchBroadcastOp>(op, once->getResult(0), like);
    return success();
  }
};

/// -c is a constant.
struct NegateConstant : OpRewritePattern<NegOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(NegOp op, PatternRewriter &rewriter) const override {
    auto constant = op.getInput().getDefiningOp<ConstantOp>();
    if (!constant)
      return failure();
    rewriter.replaceOpWithNewOp<ConstantOp>(op, op.getType(),
                                            -constant.getValue().convertToDouble());
    return success();
  }
};
} // namespace

void AdvxDialect::getCanonicalizationPatterns(RewritePatternSet &patterns) const {
  patterns.add<DropBroadcast, SinkBroadcast, NegateConstant>(getContext());
}

void CompareOp::runtimeAttributes(SmallVectorImpl<int64_t> &attributes) {
  attributes.push_back(static_cast<int64_t>(getPredicate()));
}
