//===- ReduceExamplesFirst.cpp - Small sums over the batch -----------------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/Transforms/Passes.h"

#include "llvm/ADT/SetVector.h"

namespace mlir::advx {
#define GEN_PASS_DEF_REDUCEEXAMPLESFIRST
#include "dialect/Transforms/Passes.h.inc"
} // namespace mlir::advx

using namespace mlir;
using namespace mlir::advx;

namespace {

/// Whether `value` is made of sums over the batch by adding, subtracting and negating, so that a
/// sum over its axes may be taken of each of them before.
bool isLinearInBatchSums(Value value) {
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<BatchSumOp>(op))
    return true;
  return isa_and_nonnull<AddOp, SubOp, NegOp>(op) &&
         llvm::all_of(op->getOperands(), [&](Value operand) {
           return operand.getType() == value.getType() && isLinearInBatchSums(operand);
         });
}

/// The sum over `axes` of a value that is linear in sums over the batch.
Value reduced(OpBuilder &builder, Value value, ReduceSumOp outer) {
  Operation *op = value.getDefiningOp();
  if (auto sum = dyn_cast<BatchSumOp>(op)) {
    Value ofExample =
        builder.create<ReduceSumOp>(outer.getLoc(), sum.getInput(), outer.getAxesAttr());
    return builder.create<BatchSumOp>(sum.getLoc(), ofExample);
  }
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(reduced(builder, operand, outer));
  return cloneAndInfer(builder, op, operands)->getResult(0);
}

struct ReduceExamplesFirst : advx::impl::ReduceExamplesFirstBase<ReduceExamplesFirst> {
  void runOnOperation() override {
    SmallVector<ReduceSumOp> sums;
    getOperation()->walk([&](ReduceSumOp sum) {
      if (isLinearInBatchSums(sum.getInput()))
        sums.push_back(sum);
    });
    for (ReduceSumOp sum : sums) {
      OpBuilder builder(sum);
      Operation *before = sum.getInput().getDefiningOp();
      sum.replaceAllUsesWith(reduced(builder, sum.getInput(), sum));
      sum.erase();
      eraseUnused(before);
    }
  }

private:
  static void eraseUnused(Operation *op) {
    if (!op || !isOpTriviallyDead(op))
      return;
    SmallVector<Operation *> producers;
    for (Value operand : op->getOperands())
      producers.push_back(operand.getDefiningOp());
    op->erase();
    for (Operation *producer :
         llvm::SmallSetVector<Operation *, 2>(producers.begin(), producers.end()))
      eraseUnused(producer);
  }
};
} // namespace
