// From NVVM to the text that NVIDIA's assembler takes. LLVM's code generator does it all; nothing
// of CUDA is needed.

#include "compiler/codegen/gpu/GpuKernels.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"

using namespace mlir;

namespace advx::codegen {
namespace {

// Every GPU from 2020 on runs, and every current CUDA assembles, code for this one.
constexpr const char *kTriple = "nvptx64-nvidia-cuda";
constexpr const char *kProcessor = "sm_80";
constexpr const char *kFeatures = "+ptx80";

std::unique_ptr<llvm::TargetMachine> makeTarget(ModuleOp module) {
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeNVPTXAsmPrinter();
  std::string error;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(kTriple, error);
  if (!target) {
    module.emitError("no code generator for ") << kTriple << ": " << error;
    return nullptr;
  }
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(kTriple, kProcessor, kFeatures, llvm::TargetOptions(),
                                  std::nullopt, std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

void optimise(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

} // namespace

std::unique_ptr<llvm::Module> translateKernels(gpu::GPUModuleOp kernels,
                                               llvm::LLVMContext &context) {
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
  kernels.getContext()->appendDialectRegistry(registry);
  std::unique_ptr<llvm::Module> result = translateModuleToLLVMIR(kernels, context, kGpuModule);
  if (!result)
    kernels.emitError("internal: the GPU kernels have no LLVM IR");
  return result;
}

FailureOr<std::string> printPtx(ModuleOp module) {
  OwningOpRef<ModuleOp> copy(module.clone());
  PassManager passes(module.getContext());
  addNvvmPasses(passes);
  gpu::GPUModuleOp kernels = gpuModuleOf(*copy);
  std::unique_ptr<llvm::TargetMachine> machine = makeTarget(module);
  if (!machine || !kernels || failed(passes.run(*copy)))
    return failure();
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> program = translateKernels(kernels, context);
  if (!program)
    return failure();
  program->setTargetTriple(machine->getTargetTriple().str());
  program->setDataLayout(machine->createDataLayout());
  optimise(*program, *machine);
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  llvm::legacy::PassManager emission;
  if (machine->addPassesToEmitFile(emission, stream, nullptr, llvm::CodeGenFileType::AssemblyFile))
    return module.emitError("the code generator writes no PTX"), failure();
  emission.run(*program);
  return text.str().str();
}

} // namespace advx::codegen
