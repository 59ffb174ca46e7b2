//===- Pipeline.cpp - The passes between the stages ------------------------===//

#include "compiler/pipeline/Pipeline.h"
#include "compiler/codegen/gpu/GpuKernels.h"
#include "compiler/codegen/host/Host.h"
#include "dialect/Conversion/Passes.h"
#include "dialect/Transforms/Passes.h"

#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

namespace advx::pipeline {

void addPassesTo(Stage stage, mlir::OpPassManager &passes, const Options &options) {
  switch (stage) {
  case Stage::Instantiated:
    // Instantiation takes equal applications for one forward, and tells equality by values: equal
    // ones must be one first.
    passes.addPass(mlir::createCSEPass());
    passes.addPass(mlir::advx::createInstantiate());
    passes.addPass(mlir::createCSEPass());
    passes.addPass(mlir::advx::createOutlineUniforms());
    break;
  case Stage::Decomposed:
    passes.addPass(mlir::advx::createDecompose());
    // Equal forwards become one before they are differentiated, not after.
    passes.addPass(mlir::createCSEPass());
    break;
  case Stage::Differentiated:
    passes.addPass(mlir::advx::createDifferentiate());
    passes.addPass(mlir::advx::createEraseStopGradient());
    mlir::advx::buildCleanPipeline(passes);
    passes.addPass(mlir::advx::createVerifyStage());
    break;
  case Stage::Partitioned:
    if (options.level == 0)
      break; // the tensor ops themselves are the kernels
    passes.addPass(mlir::advx::createChannelsLast());
    mlir::advx::buildCleanPipeline(passes);
    passes.addPass(mlir::advx::createFuseEpilogues());
    passes.addPass(mlir::advx::createReduceExamplesFirst());
    passes.addPass(mlir::advx::createFactorSums());
    mlir::advx::buildCleanPipeline(passes);
    passes.addPass(mlir::advx::createEndLoops());
    passes.addPass(mlir::advx::createPartition({options.remarks}));
    passes.addPass(mlir::createCSEPass());
    passes.addPass(mlir::advx::createAssignProviders({options.aten}));
    break;
  case Stage::Planned:
    codegen::addPlanPasses(passes);
    break;
  case Stage::Kernels:
    codegen::addKernelPasses(passes);
    break;
  case Stage::Host:
    codegen::addHostPasses(passes);
    break;
  case Stage::Gpu:
    codegen::addGpuPasses(passes);
    break;
  default:
    break;
  }
}

namespace {
struct PipelineOptions : mlir::PassPipelineOptions<PipelineOptions> {
  Option<int> level{*this, "level", llvm::cl::desc("0: no kernels; 2: kernels"),
                    llvm::cl::init(Options().level)};
  Option<bool> aten{*this, "aten", llvm::cl::desc("The runtime has the provider `aten`"),
                    llvm::cl::init(Options().aten)};
};
} // namespace

/// The passes that lead from one stage to a later one.
static void registerStretch(const StageInfo &from, const StageInfo &to) {
  Stage first = from.stage, last = to.stage;
  mlir::PassPipelineRegistration<PipelineOptions>(
      "advx-" + std::string(from.name) + "-to-" + std::string(to.name), to.summary,
      [first, last](mlir::OpPassManager &passes, const PipelineOptions &given) {
        Options options;
        options.level = given.level;
        options.aten = given.aten;
        for (const StageInfo &stage : stages())
          if (stage.stage > first && stage.stage <= last)
            addPassesTo(stage.stage, passes, options);
      });
}

void registerPipelines() {
  for (const StageInfo &from : stages())
    for (const StageInfo &to : stages())
      if (Stage::Problem <= from.stage && from.stage < to.stage && to.stage <= Stage::Host)
        registerStretch(from, to);
}

} // namespace advx::pipeline
