//===- Pipelines.cpp - Passes that always run together ---------------------===//

#include "dialect/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void mlir::advx::buildCleanPipeline(OpPassManager &manager) {
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createHoist());
  // What leaves different loops may meet its equal outside.
  manager.addPass(createCSEPass());
  manager.addPass(createCanonicalizerPass());
}

void mlir::advx::registerAdvxPipelines() {
  PassPipelineRegistration<>("advx-clean", "canonicalize, CSE, hoist, dead code",
                             buildCleanPipeline);
}
