//===- Decompose.cpp - Ops that other ops define ----------------------------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/StepAttributes.h"
#include "dialect/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

#include <limits>

namespace mlir::advx {
#define GEN_PASS_DEF_DECOMPOSE
#include "dialect/Transforms/Passes.h.inc"
} // namespace mlir::advx

using namespace mlir;
using namespace mlir::advx;

namespace {

/// Emits the definition of a composite before it; each method returns the values
/// that stand for its results.
class Definition {
public:
  explicit Definition(Operation *op) : builder(op), location(op->getLoc()) {}

  Value softmax(SoftmaxOp op) {
    Value exps = make<ExpOp>(shifted(op.getInput()));
    return make<DivOp>(exps, make<ReduceSumOp>(exps));
  }

  Value logSoftmax(LogSoftmaxOp op) {
    Value shift = shifted(op.getInput());
    return make<SubOp>(shift, make<LogOp>(make<ReduceSumOp>(make<ExpOp>(shift))));
  }

  Value logSumExp(LogSumExpOp op) {
    // An infinite maximum is not taken away: it would leave infinity minus infinity.
    Value x = op.getInput();
    Value largest = make<StopGradientOp>(make<ReduceMaxOp>(x));
    Value size = make<AbsOp>(largest),
          infinity = number(std::numeric_limits<double>::infinity(), x);
    Value infinite = make<CompareOp>(ComparePredicate::eq, size, infinity);
    Value maximum = make<SelectOp>(infinite, number(0, x), largest);
    Value exps = make<ExpOp>(make<SubOp>(x, maximum));
    return make<AddOp>(maximum, make<LogOp>(make<ReduceSumOp>(exps)));
  }

  Value norm(NormOp op) {
    Value x = op.getInput();
    switch (op.getOrder()) {
    case NormOrder::l1:
      return make<ReduceSumOp>(make<AbsOp>(x));
    case NormOrder::l2:
      return make<SqrtOp>(make<ReduceSumOp>(make<MulOp>(x, x)));
    case NormOrder::linf:
      return make<ReduceMaxOp>(make<AbsOp>(x));
    }
    llvm_unreachable("the attribute's constraint knows no other norm");
  }

  Value normalize(NormalizeOp op) {
    Value x = op.getInput(), square = make<MulOp>(x, x);
    int64_t axis = static_cast<int64_t>(op.getAxis());
    bool all = axis == -1;
    Value sum = all ? make<ReduceSumOp>(square) : make<ReduceSumOp>(square, ArrayRef(axis));
    Value norm = make<SqrtOp>(sum);
    Value zero = number(0, x);
    Value some = make<CompareOp>(ComparePredicate::ne, norm, zero);
    Value divisor = make<MaximumOp>(norm, number(1e-12, x));
    if (!all) {
      some = along(some, x, axis);
      divisor = along(divisor, x, axis);
    }
    return make<DivOp>(make<SelectOp>(some, x, zero), divisor);
  }

  Value clip(ClipOp op) {
    // The cotangent of a NaN stops, as in PyTorch; the value stays.
    Value x = op.getInput();
    Value isNumber = make<CompareOp>(ComparePredicate::eq, x, x);
    x = make<SelectOp>(isNumber, x, make<StopGradientOp>(x));
    return make<MinimumOp>(make<MaximumOp>(x, op.getLower()), op.getUpper());
  }

  Value maxPool2d(MaxPool2dOp op) {
    Value index =
        make<MaxPoolIndexOp>(op.getInput(), op.getKernel(), op.getStride(), op.getPadding());
    return make<WindowGatherOp>(op.getInput(), index);
  }

  /// A vector is an image of one channel and one row.
  Value sorted(SortedOp op) {
    Value x = op.getInput(), keys = op.getKeys();
    if (isBatched(x.getType()) && !isBatched(keys.getType()))
      keys = make<BatchBroadcastOp>(keys, x);
    else if (isBatched(keys.getType()) && !isBatched(x.getType()))
      x = make<BatchBroadcastOp>(x, keys);
    Value index = make<OrderOp>(keys, op.getCount(), op.getAscending());
    auto asImage = [&](Value v) {
      return make<ReshapeOp>(v, ArrayRef<int64_t>{1, 1, exampleElements(v.getType())});
    };
    Value taken = make<WindowGatherOp>(asImage(x), asImage(index));
    return make<ReshapeOp>(taken, exampleShape(op.getType()));
  }

  /// The three results; empty where the statistics of a batch are asked of a value
  /// that does not depend on the example.
  SmallVector<Value> batchNorm(BatchNormOp op) {
    Value x = op.getInput();
    Value newMean = op.getRunningMean(), newVar = op.getRunningVar(), mean, var, centred;
    if (op.getMode() == ModelMode::eval) {
      mean = inTypeOf(x, newMean);
      var = inTypeOf(x, newVar);
      centred = make<SubOp>(x, alongChannels(mean, x));
    } else {
      if (!isBatched(x.getType()))
        return {};
      if (exampleElements(x.getType()) == exampleShape(x.getType())[0])
        askForTwoExamples(op);
      Value one = number(1.0), count = elementsPerChannel(x);
      Value weight = make<SplatOp>(numberType(x), make<arith::DivFOp>(one, count));
      mean = make<MulOp>(sumPerChannel(x), weight);
      centred = make<SubOp>(x, alongChannels(mean, x));
      var = make<MulOp>(sumPerChannel(make<MulOp>(centred, centred)), weight);
      if (op.getMode() == ModelMode::train) {
        // n / (n - 1) makes the variance unbiased; that of one element is 0.
        Value others = make<arith::MaximumFOp>(make<arith::SubFOp>(count, one), one);
        Value unbiased = make<SplatOp>(numberType(x), make<arith::DivFOp>(count, others));
        newMean = update(op.getRunningMean(), mean, op.getMomentum());
        newVar = update(op.getRunningVar(), make<MulOp>(var, unbiased), op.getMomentum());
      }
    }
    Value eps = make<SplatOp>(numberType(x), op.getEps());
    // One factor and one summand a channel: in mode eval neither depends on x.
    Value scale = make<DivOp>(op.getGamma(), make<SqrtOp>(make<AddOp>(var, eps)));
    Value y =
        make<AddOp>(make<MulOp>(centred, alongChannels(scale, x)), alongChannels(op.getBeta(), x));
    return {y, newMean, newVar};
  }

  Value dropout(DropoutOp op) {
    Value x = op.getInput();
    if (op.getMode() == ModelMode::eval)
      return x.getType() == op.getType() ? x : make<BatchBroadcastOp>(x, op.getIndex());
    Type element = getElementTypeOrSelf(x.getType());
    Value draw = make<RandomUniformOp>(op.getIndex(), op.getCounters(), op.getStream(),
                                       exampleShape(x.getType()), element);
    Value p = op.getProbability(), one = number(1.0);
    Value kept = make<CompareOp>(ComparePredicate::ge, draw, make<SplatOp>(numberType(x), p));
    // Where nothing is kept the factor is 0, not 1 / 0.
    Value share = make<arith::SubFOp>(one, p);
    Value none = number(0.0), inverse = make<arith::DivFOp>(one, share);
    Value some = make<arith::CmpFOp>(arith::CmpFPredicate::OGT, share, none);
    Value factor = make<arith::SelectOp>(some, inverse, none);
    // A product with 0, not a choice of 0: what is not finite stays so, as in PyTorch.
    Value scale = make<SplatOp>(numberType(x), factor), zero = number(0, x);
    return make<MulOp>(x, make<SelectOp>(kept, scale, zero));
  }

private:
  template <typename Op, typename... Args> Value make(Args &&...args) {
    return builder.create<Op>(location, std::forward<Args>(args)...);
  }

  /// A vector minus its maximum, which is a constant of every derivative: it cancels out.
  Value shifted(Value x) { return make<SubOp>(x, make<StopGradientOp>(make<ReduceMaxOp>(x))); }

  Type numberType(Value like) {
    return RankedTensorType::get({}, getElementTypeOrSelf(like.getType()));
  }
  Value number(double value, Value like) { return make<ConstantOp>(numberType(like), value); }
  Value number(double value) { return make<arith::ConstantOp>(builder.getF64FloatAttr(value)); }

  /// `value`, which lacks one axis of `like`, repeated along it.
  Value along(Value value, Value like, int64_t axis) {
    SmallVector<int64_t> axes;
    for (int64_t i = 0; i < exampleRank(like.getType()); ++i)
      if (i != axis)
        axes.push_back(i);
    return make<BroadcastOp>(value, exampleShape(like.getType()), axes);
  }

  Value alongChannels(Value value, Value like) {
    return make<BroadcastOp>(value, exampleShape(like.getType()), ArrayRef<int64_t>{0});
  }

  /// Over the batch and every axis but the channel.
  Value sumPerChannel(Value x) {
    SmallVector<int64_t> axes;
    for (int64_t i = 1; i < exampleRank(x.getType()); ++i)
      axes.push_back(i);
    Value sum = axes.empty() ? x : make<ReduceSumOp>(x, ArrayRef<int64_t>(axes));
    return make<BatchSumOp>(sum);
  }

  /// Number of summands of `sumPerChannel`.
  Value elementsPerChannel(Value x) {
    int64_t spatial = exampleElements(x.getType()) / exampleShape(x.getType())[0];
    Value examples = make<BatchSizeOp>(x);
    return make<arith::MulFOp>(examples, number(static_cast<double>(spatial)));
  }

  /// Tells the step that a batch of one example has no variance here, by the slot of gamma, which
  /// names the layer (-1: unknown). The first such layer speaks for all.
  void askForTwoExamples(BatchNormOp op) {
    auto step = op->getParentOfType<FunctionOpInterface>();
    if (!step || step->hasAttr(kTwoExamplesAttr))
      return;
    IntegerAttr slot;
    if (auto gamma = dyn_cast<BlockArgument>(op.getGamma()))
      if (gamma.getOwner()->getParentOp() == step)
        slot = step.getArgAttrOfType<IntegerAttr>(gamma.getArgNumber(), "advx.state");
    step->setAttr(kTwoExamplesAttr, slot ? slot : builder.getI64IntegerAttr(-1));
  }

  /// `value` with the element type of `like`.
  Value inTypeOf(Value like, Value value) {
    Type element = getElementTypeOrSelf(like.getType());
    return getElementTypeOrSelf(value.getType()) == element ? value : make<CastOp>(value, element);
  }

  /// (1 - momentum) * old + momentum * statistic, in the type of the old one; no part of any loss.
  Value update(Value old, Value statistic, Value momentum) {
    statistic = inTypeOf(old, statistic);
    Value rest = make<arith::SubFOp>(number(1.0), momentum);
    Value kept = make<MulOp>(old, make<SplatOp>(numberType(old), rest));
    Value added = make<MulOp>(statistic, make<SplatOp>(numberType(old), momentum));
    return make<AddOp>(kept, added);
  }

  OpBuilder builder;
  Location location;
};

struct Decompose : advx::impl::DecomposeBase<Decompose> {
  void runOnOperation() override {
    SmallVector<Operation *> composites;
    getOperation()->walk([&](Operation *op) {
      if (op->hasTrait<Composite>())
        composites.push_back(op);
    });
    for (Operation *op : composites)
      if (failed(replace(op)))
        return signalPassFailure();
  }

private:
  LogicalResult replace(Operation *op) {
    if (llvm::any_of(op->getOperandTypes(), [](Type t) { return isa<UnrankedTensorType>(t); }))
      return op->emitOpError("needs operands of known shape to be decomposed");
    Definition define(op);
    auto results =
        TypeSwitch<Operation *, SmallVector<Value>>(op)
            .Case([&](SoftmaxOp op) { return SmallVector<Value>{define.softmax(op)}; })
            .Case([&](LogSoftmaxOp op) { return SmallVector<Value>{define.logSoftmax(op)}; })
            .Case([&](LogSumExpOp op) { return SmallVector<Value>{define.logSumExp(op)}; })
            .Case([&](NormOp op) { return SmallVector<Value>{define.norm(op)}; })
            .Case([&](NormalizeOp op) { return SmallVector<Value>{define.normalize(op)}; })
            .Case([&](ClipOp op) { return SmallVector<Value>{define.clip(op)}; })
            .Case([&](MaxPool2dOp op) { return SmallVector<Value>{define.maxPool2d(op)}; })
            .Case([&](SortedOp op) { return SmallVector<Value>{define.sorted(op)}; })
            .Case([&](BatchNormOp op) { return define.batchNorm(op); })
            .Case([&](DropoutOp op) { return SmallVector<Value>{define.dropout(op)}; })
            .Default([](Operation *) { return SmallVector<Value>(); });
    if (results.empty())
      return op->emitOpError(isa<BatchNormOp>(op)
                                 ? "takes the statistics of a batch, but its operand does not "
                                   "depend on the example"
                                 : "has no definition");
    op->replaceAllUsesWith(results);
    op->erase();
    return success();
  }
};

} // namespace
