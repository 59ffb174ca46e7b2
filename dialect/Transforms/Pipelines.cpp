//===- Pipelines.cpp - Passes in the order of the road ---------------------===//

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

void mlir::advx::buildDifferentiatePipeline(OpPassManager &manager) {
  manager.addPass(createDecompose());
  // Equal forwards become one before they are differentiated, not after.
  manager.addPass(createCSEPass());
  manager.addPass(createDifferentiate());
  manager.addPass(createEraseStopGradient());
  buildCleanPipeline(manager);
  manager.addPass(createVerifyStage());
}

void mlir::advx::registerAdvxPipelines() {
  PassPipelineRegistration<>("advx-clean", "canonicalize, CSE, hoist, dead code",
                             buildCleanPipeline);
  PassPipelineRegistration<>("advx-to-differentiated", "decompose, differentiate, clean and verify",
                             buildDifferentiatePipeline);
}
