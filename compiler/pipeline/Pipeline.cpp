//===- Pipeline.cpp - The passes between the stages ------------------------===//

#include "compiler/pipeline/Pipeline.h"
#include "compiler/codegen/host/Host.h"
#include "dialect/Conversion/Passes.h"
#include "dialect/Transforms/Passes.h"

#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/Twine.h"

namespace advx::pipeline {

void addPassesTo(Stage stage, mlir::OpPassManager &passes) {
  switch (stage) {
  case Stage::Instantiated:
    passes.addPass(mlir::advx::createInstantiate());
    passes.addPass(mlir::createCSEPass());
    passes.addPass(mlir::advx::createOutlineUniforms());
    break;
  case Stage::Decomposed:
    passes.addPass(mlir::advx::createDecompose());
    passes.addPass(mlir::createCSEPass());
    break;
  case Stage::Differentiated:
    passes.addPass(mlir::advx::createDifferentiate());
    passes.addPass(mlir::advx::createEraseStopGradient());
    mlir::advx::buildCleanPipeline(passes);
    passes.addPass(mlir::advx::createVerifyStage());
    break;
  case Stage::Planned:
    codegen::addPlanPasses(passes);
    break;
  case Stage::Host:
    codegen::addHostPasses(passes);
    break;
  default:
    break;
  }
}

void registerPipelines() {
  for (const StageInfo &target : stages()) {
    if (target.stage < Stage::Instantiated || target.stage > Stage::Host)
      continue;
    // The registry keeps only the function, so the stage is captured by value.
    Stage last = target.stage;
    std::string argument = "advx-problem-to-" + std::string(target.name);
    mlir::registerPassPipeline(
        argument, target.summary,
        [last](mlir::OpPassManager &passes, llvm::StringRef,
               llvm::function_ref<llvm::LogicalResult(const llvm::Twine &)>) {
          for (const StageInfo &stage : stages())
            if (stage.stage <= last)
              addPassesTo(stage.stage, passes);
          return mlir::success();
        },
        [](llvm::function_ref<void(const mlir::detail::PassOptions &)>) {});
  }
}

} // namespace advx::pipeline
