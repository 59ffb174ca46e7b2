#include "compiler/codegen/Passes.h"
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
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace advx::codegen {
#define GEN_PASS_DEF_HOSTLOWER
#define GEN_PASS_DEF_VERIFYHOST
#include "compiler/codegen/Passes.h.inc"
namespace {

struct HostLower : impl::HostLowerBase<HostLower> {
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
    UniformFunction fill = lowerUniforms(module, uniforms, parts);
    buildProgramTable(module, parts, manifest.getValue(), steps, fill);
    for (func::FuncOp function : functions)
      function.erase();
    module->removeAttr(kManifestAttr);
  }
};

struct VerifyHost : impl::VerifyHostBase<VerifyHost> {
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

void addPlanPasses(OpPassManager &passes) { passes.addPass(createPlan()); }

void addKernelPasses(OpPassManager &passes) {
  passes.addPass(createKernels());
  // Only the kernels: equal tensor ops have places of their own since the plan.
  passes.addNestedPass<LLVM::LLVMFuncOp>(createCSEPass());
  passes.addPass(createShareLoops());
}

void addHostPasses(OpPassManager &passes) {
  passes.addPass(createHostLower());
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
  passes.addPass(createVerifyHost());
}

} // namespace advx::codegen
