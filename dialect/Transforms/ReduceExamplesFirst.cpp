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

/// A sum over axes of what is made of sums over the batch by adding, subtracting and negating: it
/// may be taken of each of them before.
class SumOfSums {
public:
  explicit SumOfSums(ReduceSumOp outer) : outer(outer) {}

  bool isLinear() { return isLinear(outer.getInput()); }

  Value build() {
    OpBuilder builder(outer);
    return reduced(builder, outer.getInput());
  }

private:
  bool isLinear(Value value) {
    if (auto known = linear.find(value); known != linear.end())
      return known->second;
    Operation *op = value.getDefiningOp();
    bool result = isa_and_nonnull<BatchSumOp>(op) ||
                  (isa_and_nonnull<AddOp, SubOp, NegOp>(op) &&
                   llvm::all_of(op->getOperands(), [&](Value operand) {
                     return operand.getType() == value.getType() && isLinear(operand);
                   }));
    return linear[value] = result;
  }

  Value reduced(OpBuilder &builder, Value value) {
    if (Value known = sums.lookup(value))
      return known;
    Operation *op = value.getDefiningOp();
    Value result;
    if (auto sum = dyn_cast<BatchSumOp>(op)) {
      Value ofExample =
          builder.create<ReduceSumOp>(outer.getLoc(), sum.getInput(), outer.getAxesAttr());
      result = builder.create<BatchSumOp>(sum.getLoc(), ofExample);
    } else {
      SmallVector<Value> operands;
      for (Value operand : op->getOperands())
        operands.push_back(reduced(builder, operand));
      result = cloneAndInfer(builder, op, operands)->getResult(0);
    }
    return sums[value] = result;
  }

  ReduceSumOp outer;
  llvm::DenseMap<Value, bool> linear;
  llvm::DenseMap<Value, Value> sums;
};

struct ReduceExamplesFirst : advx::impl::ReduceExamplesFirstBase<ReduceExamplesFirst> {
  void runOnOperation() override {
    SmallVector<ReduceSumOp> sums;
    getOperation()->walk([&](ReduceSumOp sum) {
      if (SumOfSums(sum).isLinear())
        sums.push_back(sum);
    });
    for (ReduceSumOp sum : sums) {
      Operation *before = sum.getInput().getDefiningOp();
      sum.replaceAllUsesWith(SumOfSums(sum).build());
      sum.erase();
      eraseUnused(before);
    }
  }

private:
  /// Erases the op and what only it needs.
  static void eraseUnused(Operation *op) {
    llvm::SetVector<Operation *> work;
    work.insert(op);
    while (!work.empty()) {
      Operation *next = work.pop_back_val();
      if (!next || !isOpTriviallyDead(next))
        continue;
      for (Value operand : next->getOperands())
        work.insert(operand.getDefiningOp());
      next->erase();
    }
  }
};
} // namespace
