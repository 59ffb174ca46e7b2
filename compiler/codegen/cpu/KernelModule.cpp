#include "compiler/codegen/cpu/KernelModule.h"

#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/Utils/Cloning.h"

namespace advx::codegen {

std::unique_ptr<llvm::Module> splitKernels(llvm::Module &program,
                                           const llvm::StringSet<> &kernels) {
  for (llvm::Function &function : program)
    if (kernels.contains(function.getName())) {
      function.setLinkage(llvm::GlobalValue::ExternalLinkage);
      function.setVisibility(llvm::GlobalValue::HiddenVisibility);
    }
  llvm::ValueToValueMapTy mapping;
  auto isKernel = [&](const llvm::GlobalValue *value) {
    return kernels.contains(value->getName()) || value->getName().starts_with("advx_list_");
  };
  std::unique_ptr<llvm::Module> result = llvm::CloneModule(program, mapping, isKernel);
  for (llvm::Function &function : program)
    if (kernels.contains(function.getName())) {
      function.deleteBody();
      function.setSubprogram(nullptr);
    }
  // What the kernels do not use is only declared, and need not be.
  for (llvm::Function &function : llvm::make_early_inc_range(*result))
    if (function.isDeclaration() && function.use_empty())
      function.eraseFromParent();
  for (llvm::GlobalVariable &global : llvm::make_early_inc_range(result->globals()))
    if (global.use_empty())
      global.eraseFromParent();
  return result;
}

void optimiseKernels(llvm::Module &kernels, llvm::TargetMachine &machine) {
  for (llvm::Function &function : kernels) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
    // Without it LLVM halves vectors of 512 bits for fear of lower clock rates.
    function.addFnAttr("prefer-vector-width", "512");
    function.addFnAttr("no-trapping-math", "true");
    function.setDoesNotThrow();
  }
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  tuning.LoopInterleaving = false;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager calls;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(calls);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, calls, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(kernels, modules);
}

} // namespace advx::codegen
