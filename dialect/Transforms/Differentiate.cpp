//===- Differentiate.cpp - Reverse-mode derivatives of plain SSA ------------===//
//
// There is no tape: the values of the forward computation are SSA values, and what
// of them is kept or computed again is decided by later passes.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/Transforms/Passes.h"

#include "llvm/ADT/SetVector.h"

namespace mlir::advx {
#define GEN_PASS_DEF_DIFFERENTIATE
#include "dialect/Transforms/Passes.h.inc"
} // namespace mlir::advx

using namespace mlir;
using namespace mlir::advx;

namespace {

/// Number of ops around a block.
unsigned depth(Block *block) {
  unsigned count = 0;
  for (Operation *op = block->getParentOp(); op; op = op->getParentOp())
    ++count;
  return count;
}

/// The ops that compute a value, in program order. They lie in the blocks around
/// its user, one block a depth. Constants of every derivative are left out with
/// what computes them.
SmallVector<Operation *> backwardSlice(Value objective) {
  SetVector<Operation *> slice;
  SmallVector<Value> work{objective};
  while (!work.empty()) {
    Operation *op = work.pop_back_val().getDefiningOp();
    if (!op || isa<StopGradientOp>(op) || !slice.insert(op))
      continue;
    // With the values that its regions use.
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (isFloatTensor(operand.getType()))
          work.push_back(operand);
    });
  }
  SmallVector<Operation *> ordered = slice.takeVector();
  llvm::sort(ordered, [](Operation *a, Operation *b) {
    if (a->getBlock() == b->getBlock())
      return a->isBeforeInBlock(b);
    return depth(a->getBlock()) < depth(b->getBlock());
  });
  return ordered;
}

/// Expands one gradient.
class Reversal {
public:
  explicit Reversal(GradientOp gradient) : gradient(gradient), builder(gradient) {}

  /// Replaces the gradient; `reversed` counts the ops differentiated. Reports an op
  /// that has no derivative at its own location.
  LogicalResult run(unsigned &reversed) {
    SmallVector<Operation *> path;
    if (failed(findPath(path)))
      return failure();
    if (active.contains(gradient.getObjective()))
      cotangents[gradient.getObjective()] = seed();
    for (Operation *op : llvm::reverse(path)) {
      if (failed(reverse(op)))
        return failure();
      ++reversed;
    }
    SmallVector<Value> results;
    for (Value value : gradient.getWrt()) {
      Value result = cotangents.lookup(value);
      results.push_back(result ? result : fill(0, value, gradient.getLoc()));
    }
    gradient.replaceAllUsesWith(results);
    gradient.erase();
    return success();
  }

private:
  /// Fills `path` with the ops that carry influence from `wrt` to the objective, and
  /// `active` with the values.
  LogicalResult findPath(SmallVectorImpl<Operation *> &path) {
    active.insert(gradient.getWrt().begin(), gradient.getWrt().end());
    for (Operation *op : backwardSlice(gradient.getObjective())) {
      auto carries = [&](Value operand) { return active.contains(operand); };
      bool uses = false;
      op->walk([&](Operation *inner) { uses |= llvm::any_of(inner->getOperands(), carries); });
      if (!uses)
        continue;
      if (!isa<VjpOpInterface>(op)) {
        InFlightDiagnostic error = op->emitOpError() << "has no derivative";
        if (op->hasTrait<Composite>())
          error << "; advx-decompose replaces it by ops that have one";
        error.attachNote(gradient.getLoc()) << "of this gradient";
        return failure();
      }
      path.push_back(op);
      for (Value result : op->getResults())
        if (isFloatTensor(result.getType()))
          active.insert(result);
    }
    return success();
  }

  /// Adds the cotangents of an op's operands, given those of its results.
  LogicalResult reverse(Operation *op) {
    SmallVector<Value> given;
    for (Value result : op->getResults())
      given.push_back(cotangents.lookup(result));
    if (llvm::none_of(given, [](Value value) { return static_cast<bool>(value); }))
      return success();
    SmallVector<bool> needed;
    for (Value operand : op->getOperands())
      needed.push_back(active.contains(operand));
    SmallVector<Value> found(op->getNumOperands());
    cast<VjpOpInterface>(op).buildVjp(builder, op->getLoc(), given, needed, found);
    for (auto [operand, need, cotangent] : llvm::zip_equal(op->getOperands(), needed, found)) {
      if (!need || !cotangent)
        continue;
      cotangent = unbroadcast(cotangent, operand.getType(), op->getLoc());
      if (cotangent.getType() != operand.getType())
        return op->emitOpError() << "has an operand of type " << operand.getType()
                                 << " but gives it a cotangent of type " << cotangent.getType();
      Value &sum = cotangents[operand];
      sum = sum ? builder.create<AddOp>(op->getLoc(), sum, cotangent).getResult() : cotangent;
    }
    return success();
  }

  /// Sums over what an op broadcast: a scalar over the axes of an example, a value
  /// without a batch axis over the batch.
  Value unbroadcast(Value cotangent, Type type, Location location) {
    if (exampleRank(type) == 0 && exampleRank(cotangent.getType()) > 0)
      cotangent = builder.create<ReduceSumOp>(location, cotangent);
    if (!isBatched(type) && isBatched(cotangent.getType()))
      cotangent = builder.create<BatchSumOp>(location, cotangent);
    return cotangent;
  }

  /// A tensor of `like`'s type, all of whose elements are `number`.
  Value fill(double number, Value like, Location location) {
    Value value = builder.create<ConstantOp>(location, withoutBatch(like.getType()), number);
    if (!isBatched(like.getType()))
      return value;
    return builder.create<BatchBroadcastOp>(location, value, like);
  }

  Value seed() { return fill(1, gradient.getObjective(), gradient.getLoc()); }

  GradientOp gradient;
  OpBuilder builder;
  DenseSet<Value> active;
  DenseMap<Value, Value> cotangents;
};

struct Differentiate : advx::impl::DifferentiateBase<Differentiate> {
  void runOnOperation() override {
    // Program order: a gradient sees those that its objective uses expanded.
    SmallVector<GradientOp> gradients;
    getOperation()->walk<WalkOrder::PreOrder>(
        [&](GradientOp gradient) { gradients.push_back(gradient); });
    for (GradientOp gradient : gradients) {
      unsigned reversed = 0;
      if (failed(Reversal(gradient).run(reversed)))
        return signalPassFailure();
      ++numGradients;
      numReversed += reversed;
    }
  }
};

} // namespace
