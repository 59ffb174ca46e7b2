// From gpu.func of scf, arith and vectors to the LLVM and NVVM dialects.

#include "compiler/codegen/Passes.h"
#include "compiler/codegen/gpu/GpuKernels.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/GPUToNVVM/GPUToNVVMPass.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace advx::codegen {
#define GEN_PASS_DEF_CONVERTTONVVM
#define GEN_PASS_DEF_VERIFYNVVM
#include "compiler/codegen/Passes.h.inc"
namespace {

struct ConvertToNvvm : impl::ConvertToNvvmBase<ConvertToNvvm> {
  void runOnOperation() override {
    LLVMTypeConverter converter(&getContext());
    RewritePatternSet patterns(&getContext());
    populateGpuToNVVMConversionPatterns(converter, patterns);
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    ConversionTarget target(getContext());
    target.addLegalDialect<LLVM::LLVMDialect, NVVM::NVVMDialect>();
    target.addIllegalDialect<arith::ArithDialect, cf::ControlFlowDialect, gpu::GPUDialect>();
    target.addLegalOp<gpu::GPUModuleOp, gpu::ModuleEndOp>();
    if (failed(applyPartialConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }
};

/// What the backend computes by a function of the C library, which no GPU has, or only nearly.
bool lacksGpuForm(Operation *op) {
  return isa<LLVM::CallOp, LLVM::ExpOp, LLVM::Exp2Op, LLVM::LogOp, LLVM::Log2Op, LLVM::Log10Op,
             LLVM::PowOp, LLVM::PowIOp, LLVM::SinOp, LLVM::CosOp>(op);
}

struct VerifyNvvm : impl::VerifyNvvmBase<VerifyNvvm> {
  void runOnOperation() override {
    gpu::GPUModuleOp module = getOperation();
    WalkResult walked = module.walk([&](Operation *op) {
      if (lacksGpuForm(op)) {
        op->emitError("internal: no GPU form of ") << op->getName();
        return WalkResult::interrupt();
      }
      if (op == module || isa<gpu::ModuleEndOp>(op) ||
          isa<LLVM::LLVMDialect, NVVM::NVVMDialect>(op->getDialect()))
        return WalkResult::advance();
      op->emitError("internal: is left after the GPU kernels were lowered");
      return WalkResult::interrupt();
    });
    if (walked.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace

void addGpuPasses(OpPassManager &passes) {
  passes.addPass(createGpuKernels());
  OpPassManager &kernels = passes.nest<gpu::GPUModuleOp>();
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
}

void addNvvmPasses(OpPassManager &passes) {
  OpPassManager &kernels = passes.nest<gpu::GPUModuleOp>();
  kernels.addPass(createConvertSCFToCFPass());
  kernels.addPass(createConvertVectorToLLVMPass());
  kernels.addPass(createConvertMathToLLVMPass());
  kernels.addPass(createConvertToNvvm());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createVerifyNvvm());
}

void registerGpuPipeline() {
  PassPipelineRegistration<>("advx-gpu-nvvm", "partitioned steps to GPU kernels in NVVM",
                             [](OpPassManager &passes) {
                               addGpuPasses(passes);
                               addNvvmPasses(passes);
                             });
}

} // namespace advx::codegen
