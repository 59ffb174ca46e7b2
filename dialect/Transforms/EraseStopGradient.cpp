//===- EraseStopGradient.cpp - A constant to derivatives is only a value ---===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/Transforms/Passes.h"

namespace mlir::advx {
#define GEN_PASS_DEF_ERASESTOPGRADIENT
#include "dialect/Transforms/Passes.h.inc"
} // namespace mlir::advx

using namespace mlir;

namespace {
struct EraseStopGradient : advx::impl::EraseStopGradientBase<EraseStopGradient> {
  void runOnOperation() override {
    WalkResult found = getOperation()->walk([](advx::GradientOp gradient) {
      gradient.emitOpError("still needs to know where its derivative stops");
      return WalkResult::interrupt();
    });
    if (found.wasInterrupted())
      return signalPassFailure();
    getOperation()->walk([](advx::StopGradientOp op) {
      op.replaceAllUsesWith(op.getInput());
      op.erase();
    });
  }
};
} // namespace
