//===- FactorSums.cpp - Sums over the batch that need not wait -------------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/Transforms/Passes.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::advx {
#define GEN_PASS_DEF_FACTORSUMS
#include "dialect/Transforms/Passes.h.inc"
} // namespace mlir::advx

using namespace mlir;
using namespace mlir::advx;

namespace {

/// How many sums over the batch, one after the other, a value waits for.
class Waits {
public:
  unsigned of(Value value) {
    Operation *op = value.getDefiningOp();
    return op ? of(op) : 0;
  }

  unsigned of(Operation *op) {
    if (auto known = waits.find(op); known != waits.end())
      return known->second;
    unsigned result = 0;
    // What a loop computes inside is in memory after it, so only what enters it counts.
    for (Value operand : op->getOperands())
      result = std::max(result, of(operand));
    return waits[op] = result + isa<BatchSumOp>(op);
  }

private:
  llvm::DenseMap<Operation *, unsigned> waits;
};

/// One sum over the batch, be it of sums within the example, and what it is of its terms.
class FactoredSum {
public:
  FactoredSum(BatchSumOp sum, Waits &waits)
      : sum(sum), inner(sum.getInput().getDefiningOp<ReduceSumOp>()), waits(waits) {
    if (inner)
      axes = axesOrAll(inner.getInput().getType(), inner.getAxes());
  }

  /// Whether the sum can be had from sums that wait for fewer others.
  bool isSooner() {
    unsigned now = waits.of(term());
    if (now == 0)
      return false;
    soon = now - 1;
    return canSplit(term());
  }

  Value build(OpBuilder &given) {
    builder = &given;
    return sumOf(term());
  }

private:
  /// What is added up, over the batch and `axes`.
  Value term() { return inner ? inner.getInput() : sum.getInput(); }

  bool isLate(Value value) { return waits.of(value) > soon; }

  /// The value without the axes that are summed, if it repeats along them: it is a factor of
  /// the sum then. Makes ops if `make`, else says whether it could.
  Value factor(Value value, bool make) {
    if (isa<FloatType>(getElementTypeOrSelf(value.getType())) && !isBatched(value.getType()) &&
        (exampleRank(value.getType()) == 0 || axes.empty()))
      return value;
    if (auto examples = value.getDefiningOp<BatchBroadcastOp>())
      return factor(examples.getInput(), make);
    auto broadcast = value.getDefiningOp<BroadcastOp>();
    if (!broadcast)
      return {};
    SmallVector<int64_t> kept; // where the axes of the operand are in the sum
    for (int64_t axis : broadcast.getAxes()) {
      if (llvm::is_contained(axes, axis))
        return {};
      kept.push_back(axis - llvm::count_if(axes, [&](int64_t gone) { return gone < axis; }));
    }
    Value input = broadcast.getInput();
    if (auto examples = input.getDefiningOp<BatchBroadcastOp>())
      input = examples.getInput();
    if (isBatched(input.getType()))
      return {};
    ArrayRef<int64_t> shape = exampleShape(sum.getType());
    if (kept.size() == shape.size() || kept.empty() || !make)
      return input;
    return builder->create<BroadcastOp>(
        sum.getLoc(), tensorType(shape, getElementTypeOrSelf(input), false), input, shape, kept);
  }

  /// The operand of a product or quotient that is no factor of the sum, if the other one is.
  OpOperand *otherOperand(Operation *op) {
    if (!isa<MulOp, DivOp>(op))
      return nullptr;
    for (unsigned i : {0u, 1u}) {
      bool divides = isa<DivOp>(op) && i == 1;
      if (!divides && op->getOperand(i).getType() == op->getResult(0).getType() &&
          factor(op->getOperand(1 - i), /*make=*/false))
        return &op->getOpOperand(i);
    }
    return nullptr;
  }

  /// A sum or difference is split only where that helps: the parts of what is centred, say,
  /// are much larger than it is.
  bool isSplit(Operation *op, Value value) {
    return isa<AddOp, SubOp>(op) && isLate(value) &&
           llvm::all_of(op->getOperandTypes(), [&](Type type) { return type == value.getType(); });
  }

  bool canSplit(Value value) {
    if (auto known = splits.find(value); known != splits.end())
      return known->second;
    Operation *op = value.getDefiningOp();
    bool result = isBatched(value.getType()) && !isLate(value);
    if (op && !result) {
      if (OpOperand *other = otherOperand(op))
        result = canSplit(other->get());
      else if (isa<NegOp>(op) || isSplit(op, value))
        result = llvm::all_of(op->getOperands(), [&](Value part) { return canSplit(part); });
    }
    return splits[value] = result;
  }

  Value sumOf(Value value) {
    if (Value known = sums.lookup(value))
      return known;
    Operation *op = value.getDefiningOp();
    Value result;
    if (OpOperand *other = op ? otherOperand(op) : nullptr; other && canSplit(other->get())) {
      unsigned place = other->getOperandNumber();
      SmallVector<Value> operands(2);
      operands[place] = sumOf(other->get());
      operands[1 - place] = factor(op->getOperand(1 - place), /*make=*/true);
      result = cloneAndInfer(*builder, op, operands)->getResult(0);
    } else if (op && (isa<NegOp>(op) || isSplit(op, value))) {
      SmallVector<Value> operands;
      for (Value part : op->getOperands())
        operands.push_back(sumOf(part));
      result = cloneAndInfer(*builder, op, operands)->getResult(0);
    } else {
      Value part = value;
      if (inner)
        part = builder->create<ReduceSumOp>(inner.getLoc(), part, inner.getAxesAttr());
      result = builder->create<BatchSumOp>(sum.getLoc(), part);
    }
    return sums[value] = result;
  }

  BatchSumOp sum;
  ReduceSumOp inner;
  SmallVector<int64_t> axes;
  Waits &waits;
  unsigned soon = 0; ///< what waits for no more may be summed
  OpBuilder *builder = nullptr;
  llvm::DenseMap<Value, bool> splits;
  llvm::DenseMap<Value, Value> sums;
};

struct FactorSums : advx::impl::FactorSumsBase<FactorSums> {
  void runOnOperation() override {
    // In program order: a sum that has become sooner makes what waits for it sooner.
    SmallVector<BatchSumOp> sums;
    getOperation()->walk([&](BatchSumOp sum) { sums.push_back(sum); });
    Waits waits;
    SmallVector<Operation *> replaced;
    for (BatchSumOp sum : sums) {
      FactoredSum factored(sum, waits);
      if (!factored.isSooner())
        continue;
      OpBuilder builder(sum);
      sum.replaceAllUsesWith(factored.build(builder));
      replaced.push_back(sum);
      ++numFactored;
    }
    // At the end: `waits` knows ops by their address.
    for (Operation *op : replaced)
      op->erase();
  }
};

} // namespace
