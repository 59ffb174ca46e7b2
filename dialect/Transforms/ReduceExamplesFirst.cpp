//===- ReduceExamplesFirst.cpp - Small sums over the batch -----------------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/Transforms/Passes.h"

namespace mlir::advx {
#define GEN_PASS_DEF_REDUCEEXAMPLESFIRST
#include "dialect/Transforms/Passes.h.inc"
} // namespace mlir::advx

using namespace mlir;
using namespace mlir::advx;

namespace {
struct ReduceExamplesFirst : advx::impl::ReduceExamplesFirstBase<ReduceExamplesFirst> {
  void runOnOperation() override {
    getOperation()->walk([](ReduceSumOp outer) {
      auto inner = outer.getInput().getDefiningOp<BatchSumOp>();
      if (!inner)
        return;
      OpBuilder builder(outer);
      Value ofExample =
          builder.create<ReduceSumOp>(outer.getLoc(), inner.getInput(), outer.getAxesAttr());
      outer.replaceAllUsesWith(
          builder.create<BatchSumOp>(inner.getLoc(), ofExample).getOperation());
      outer.erase();
      if (inner.use_empty())
        inner.erase();
    });
  }
};
} // namespace
