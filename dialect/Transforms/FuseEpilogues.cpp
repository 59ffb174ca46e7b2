//===- FuseEpilogues.cpp - Bias and relu join their convolution ------------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace mlir::advx {
#define GEN_PASS_DEF_FUSEEPILOGUES
#include "dialect/Transforms/Passes.h.inc"
} // namespace mlir::advx

using namespace mlir;
using namespace mlir::advx;

namespace {

/// The vector that `image` repeats at every place, if that is all it is.
Value biasOf(Value image, bool channelsLast) {
  auto broadcast = image.getDefiningOp<BroadcastOp>();
  int64_t channel = ImageAxes(channelsLast).channel;
  if (!broadcast || broadcast.getAxes() != ArrayRef<int64_t>(channel) ||
      isBatched(broadcast.getType()) || broadcast.getShape().size() != 3)
    return nullptr;
  return broadcast.getInput();
}

bool isZero(Value value) {
  if (auto constant = value.getDefiningOp<ConstantOp>())
    return constant.getValue().isZero();
  auto splat = value.getDefiningOp<SplatOp>();
  auto number = splat ? splat->getOperand(0).getDefiningOp<arith::ConstantFloatOp>() : nullptr;
  return number && number.value().isZero();
}

/// `value > 0` or `value <= 0`, which relu(value) answers as well, also of a NaN.
bool comparesWithZero(Operation *op, Value value) {
  auto compare = dyn_cast<CompareOp>(op);
  return compare &&
         (compare.getPredicate() == ComparePredicate::gt ||
          compare.getPredicate() == ComparePredicate::le) &&
         compare->getOperand(0) == value && isZero(compare->getOperand(1));
}

/// Adds the bias in the convolution if nothing else reads what the convolution gives.
bool fuseBias(Conv2dOp conv) {
  if (conv.getBias() || conv.getRelu() || !conv->hasOneUse())
    return false;
  auto sum = dyn_cast<AddOp>(*conv->user_begin());
  if (!sum || sum.getType() != conv.getType() || sum->getBlock() != conv->getBlock())
    return false;
  Value other = sum->getOperand(sum->getOperand(0) == conv.getResult() ? 1 : 0);
  Value bias = biasOf(other, conv.getChannelsLast());
  if (!bias)
    return false;
  // The bias may be broadcast after the convolution, but is there before the sum.
  conv->moveBefore(sum);
  conv.getBiasMutable().assign(bias);
  sum.replaceAllUsesWith(conv.getResult());
  sum.erase();
  return true;
}

/// Cuts off below 0 in the convolution if all readers want no more than the relu.
bool fuseRelu(Conv2dOp conv) {
  Value value = conv.getResult();
  SmallVector<ReluOp> relus;
  for (Operation *user : value.getUsers()) {
    if (auto relu = dyn_cast<ReluOp>(user))
      relus.push_back(relu);
    else if (!comparesWithZero(user, value))
      return false;
  }
  if (conv.getRelu() || relus.empty())
    return false;
  conv.setRelu(true);
  for (ReluOp relu : relus) {
    relu.replaceAllUsesWith(value);
    relu.erase();
  }
  return true;
}

struct FuseEpilogues : advx::impl::FuseEpiloguesBase<FuseEpilogues> {
  void runOnOperation() override {
    SmallVector<Conv2dOp> convolutions;
    getOperation()->walk([&](Conv2dOp op) { convolutions.push_back(op); });
    for (Conv2dOp op : convolutions) {
      numBiases += fuseBias(op);
      numRelus += fuseRelu(op);
    }
  }
};

} // namespace
