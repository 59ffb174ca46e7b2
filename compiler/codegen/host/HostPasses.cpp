#include "compiler/codegen/cpu/CpuKernels.h"
#include "compiler/codegen/host/Host.h"
#include "compiler/codegen/host/ProgramTable.h"
#include "compiler/codegen/host/StepLowering.h"
#include "compiler/codegen/plan/Plan.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVMPass.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace advx::codegen {
namespace {

struct HostLowerPass : PassWrapper<HostLowerPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(HostLowerPass)

  StringRef getArgument() const override { return "advx-host-lower"; }
  StringRef getDescription() const override {
    return "Write planned steps as functions over two arenas, and the program table";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<LLVM::LLVMDialect, arith::ArithDialect, scf::SCFDialect>();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto manifest = module->getAttrOfType<StringAttr>(kManifestAttr);
    if (!manifest) {
      module.emitError("is not planned; run advx-plan first");
      return signalPassFailure();
    }
    ModuleParts parts(module);
    CallArrays arrays(parts);
    std::vector<NamedStep> steps;
    func::FuncOp uniforms;
    llvm::SmallVector<func::FuncOp> functions(module.getOps<func::FuncOp>());
    for (func::FuncOp function : functions) {
      if (function->hasAttr(kUniformsAttr)) {
        uniforms = function;
        continue;
      }
      if (!function->hasAttr(kStepAttr)) {
        function.emitError("internal: is neither a step nor the uniforms");
        return signalPassFailure();
      }
      FailureOr<LLVM::LLVMFuncOp> step = lowerStep(function, parts, arrays);
      if (failed(step))
        return signalPassFailure();
      steps.emplace_back(function.getSymName().str(), *step);
    }
    LLVM::LLVMFuncOp fill = lowerUniforms(module, uniforms, parts);
    buildProgramTable(module, parts, manifest.getValue(), steps, fill);
    for (func::FuncOp function : functions)
      function.erase();
    module->removeAttr(kManifestAttr);
  }
};

struct VerifyHostPass : PassWrapper<VerifyHostPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(VerifyHostPass)

  StringRef getArgument() const override { return "advx-verify-host"; }
  StringRef getDescription() const override { return "Refuse anything but the LLVM dialect"; }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    WalkResult walked = module.walk([&](Operation *op) {
      if (op == module || isa<LLVM::LLVMDialect>(op->getDialect()))
        return WalkResult::advance();
      op->emitError("internal: is left after the host program was lowered");
      return WalkResult::interrupt();
    });
    if (walked.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass> createHostLowerPass() { return std::make_unique<HostLowerPass>(); }

std::unique_ptr<Pass> createVerifyHostPass() { return std::make_unique<VerifyHostPass>(); }

void addPlanPasses(OpPassManager &passes) { passes.addPass(createPlanPass()); }

void addKernelPasses(OpPassManager &passes) {
  passes.addPass(createKernelsPass());
  // Only the kernels: equal tensor ops have places of their own since the plan.
  passes.addNestedPass<LLVM::LLVMFuncOp>(createCSEPass());
}

void addHostPasses(OpPassManager &passes) {
  passes.addPass(createHostLowerPass());
  passes.addPass(createCSEPass());
  passes.addPass(createConvertSCFToCFPass());
  passes.addPass(createConvertVectorToLLVMPass());
  passes.addPass(createConvertMathToLLVMPass());
  passes.addPass(createConvertMathToLibmPass());
  passes.addPass(createConvertFuncToLLVMPass()); // what that declared and calls
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertIndexToLLVMPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
  passes.addPass(LLVM::createDIScopeForLLVMFuncOpPass());
  passes.addPass(createVerifyHostPass());
}

void registerHostPasses() {
  PassRegistration<HostLowerPass>();
  PassRegistration<VerifyHostPass>();
  registerPlanPass();
  registerKernelsPass();
  PassPipelineRegistration<>("advx-planned-pipeline", "tensor tier to the planned stage",
                             addPlanPasses);
  PassPipelineRegistration<>("advx-host-pipeline", "tensor tier to the LLVM dialect",
                             [](OpPassManager &passes) {
                               addPlanPasses(passes);
                               addKernelPasses(passes);
                               addHostPasses(passes);
                             });
}

} // namespace advx::codegen
