#ifndef ADVX_COMPILER_CODEGEN_GPU_GPUKERNELS_H
#define ADVX_COMPILER_CODEGEN_GPU_GPUKERNELS_H

#include "dialect/IR/AdvxOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/IR/Module.h"
#include <memory>
#include <string>

/// From the clusters of a partitioned module to GPU kernels as text that NVIDIA's assembler
/// takes. The stages in order, with the names of `--emit`:
///   gpu  addGpuPasses
///   ptx  printPtx
/// Library ops are no part of it, and nothing launches the kernels.
namespace advx::codegen {

/// The gpu.module that holds the kernels, beside the steps.
inline constexpr llvm::StringLiteral kGpuModule = "kernels";
/// A kernel's name and this is the name of the one to launch after it, where there is one.
inline constexpr llvm::StringLiteral kGpuFinishSuffix = "_finish";

/// partitioned -> gpu.
void addGpuPasses(mlir::OpPassManager &passes);

/// gpu -> NVVM: the same gpu.module in the LLVM and NVVM dialects; refuses leftovers of others.
void addNvvmPasses(mlir::OpPassManager &passes);

/// The gpu.module of a module; null if there is none.
mlir::gpu::GPUModuleOp gpuModuleOf(mlir::ModuleOp module);

/// NVVM -> LLVM IR for no machine yet. Null, with an error at the module, on failure.
std::unique_ptr<llvm::Module> translateKernels(mlir::gpu::GPUModuleOp kernels,
                                               llvm::LLVMContext &context);

/// gpu -> PTX for sm_80, PTX ISA 8.0. Lowers a copy; the module stays as it is.
mlir::FailureOr<std::string> printPtx(mlir::ModuleOp module);

/// Makes the pipeline `advx-gpu-nvvm` (partitioned to NVVM) known to tools that read pass
/// pipelines.
void registerGpuPipeline();

// The templates. Each emits the kernels of a cluster under the name, and `NAME_finish` where
// there is a second one to launch after it; fails, with an error at an op, where there is none.
mlir::LogicalResult emitGpuElementwise(mlir::advx::ClusterOp cluster, mlir::gpu::GPUModuleOp module,
                                       llvm::StringRef name);
mlir::LogicalResult emitGpuRow(mlir::advx::ClusterOp cluster, mlir::gpu::GPUModuleOp module,
                               llvm::StringRef name);
mlir::LogicalResult emitGpuFull(mlir::advx::ClusterOp cluster, mlir::gpu::GPUModuleOp module,
                                llvm::StringRef name);
mlir::LogicalResult emitGpuChannel(mlir::advx::ClusterOp cluster, mlir::gpu::GPUModuleOp module,
                                   llvm::StringRef name);

} // namespace advx::codegen

#endif
