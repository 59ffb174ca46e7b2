//===- VerifyStage.cpp - What a stage promises to the next ------------------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/Transforms/Passes.h"

namespace mlir::advx {
#define GEN_PASS_DEF_VERIFYSTAGE
#include "dialect/Transforms/Passes.h.inc"
} // namespace mlir::advx

using namespace mlir;
using namespace mlir::advx;

namespace {
struct VerifyStage : advx::impl::VerifyStageBase<VerifyStage> {
  using VerifyStageBase::VerifyStageBase;

  void runOnOperation() override {
    if (stage != "decomposed" && stage != "differentiated") {
      getOperation()->emitError() << "advx-verify-stage knows the stages `decomposed` and "
                                     "`differentiated`, but not `"
                                  << stage << "`";
      return signalPassFailure();
    }
    bool failed = false;
    getOperation()->walk([&](Operation *op) {
      if (isa<AdvxDialect>(op->getDialect()) && mlir::failed(verifyOp(op)))
        failed = true;
    });
    if (failed)
      signalPassFailure();
  }

private:
  LogicalResult verifyOp(Operation *op) {
    if (op->hasTrait<Composite>())
      return refuse(op, "advx-decompose replaces it");
    if (stage == "differentiated" && isa<GradientOp>(op))
      return refuse(op, "advx-differentiate replaces it");
    if (stage == "differentiated" && isa<StopGradientOp>(op))
      return refuse(op, "advx-erase-stop-gradient removes it");
    if (auto sum = dyn_cast<BatchSumOp>(op); sum && !isBatched(sum.getInput().getType()))
      return refuse(op, "its operand is the same for every example");
    for (Type type : op->getResultTypes())
      if (isa<UnrankedTensorType>(type))
        return refuse(op, "the shape of its result is not known");
    return success();
  }

  LogicalResult refuse(Operation *op, StringRef why) {
    return op->emitOpError() << "has no place in stage `" << stage << "`: " << why;
  }
};
} // namespace
