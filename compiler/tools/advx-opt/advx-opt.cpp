//===- advx-opt.cpp - Passes of the dialect on text, one at a time ----------===//

#include "compiler/codegen/Passes.h"
#include "compiler/codegen/gpu/GpuKernels.h"
#include "compiler/pipeline/Pipeline.h"
#include "dialect/Conversion/Passes.h"
#include "dialect/IR/AdvxDialect.h"
#include "dialect/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::advx::AdvxDialect, mlir::arith::ArithDialect, mlir::func::FuncDialect,
                  mlir::LLVM::LLVMDialect, mlir::NVVM::NVVMDialect, mlir::gpu::GPUDialect,
                  mlir::math::MathDialect, mlir::scf::SCFDialect, mlir::vector::VectorDialect>();
  mlir::registerTransformsPasses();
  mlir::advx::registerAdvxConversionPasses();
  advx::codegen::registerAdvxCodegenPasses();
  advx::codegen::registerGpuPipeline();
  advx::pipeline::registerPipelines();
  mlir::advx::registerAdvxPasses();
  mlir::advx::registerAdvxPipelines();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "advx dialect: passes and pipelines\n", registry));
}
