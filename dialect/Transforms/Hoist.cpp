//===- Hoist.cpp - Loop-invariant motion ------------------------------------===//

#include "dialect/Transforms/Passes.h"

#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"

namespace mlir::advx {
#define GEN_PASS_DEF_HOIST
#include "dialect/Transforms/Passes.h.inc"
} // namespace mlir::advx

using namespace mlir;

namespace {
struct Hoist : advx::impl::HoistBase<Hoist> {
  void runOnOperation() override {
    // Innermost first: what leaves an inner loop may leave the next one too.
    getOperation()->walk([](LoopLikeOpInterface loop) { moveLoopInvariantCode(loop); });
  }
};
} // namespace
