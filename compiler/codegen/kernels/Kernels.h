#ifndef ADVX_COMPILER_CODEGEN_KERNELS_KERNELS_H
#define ADVX_COMPILER_CODEGEN_KERNELS_KERNELS_H

#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/Cost.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include <string>

/// What the host program knows about the kernel of a cluster.
namespace advx::codegen {

/// Cluster: the name of the function that computes it.
inline constexpr llvm::StringLiteral kKernelAttr = "advx.kernel";
/// A kernel's name and this is the name of its AdvxKernel::finish, where it has one.
inline constexpr llvm::StringLiteral kFinishSuffix = ".finish";

/// The numbers of an AdvxKernel (runtime/abi/advx_abi.h), kept as attributes of its function.
struct KernelInfo {
  bool batched = false;
  int64_t grain = 1;
  int64_t tiles = 1;
  int64_t partialBytes = 0;
  mlir::advx::Amount bytes; ///< of operands and results
  int64_t buffers = 0;      ///< results and tensor operands
  int64_t numbers = 0;      ///< f64 operands

  static KernelInfo of(mlir::LLVM::LLVMFuncOp kernel);
  void attachTo(mlir::LLVM::LLVMFuncOp kernel) const;
};

/// Whether a function is a kernel or the finish of one.
bool isKernel(mlir::LLVM::LLVMFuncOp function);

/// Marks a function as part of a kernel.
void markKernel(mlir::LLVM::LLVMFuncOp function);

/// The cluster as text in which only what is computed shows: clusters of one text have one kernel.
std::string kernelText(mlir::advx::ClusterOp cluster);

/// Refuses, at the op, what no kernel can compute.
mlir::LogicalResult checkSupported(mlir::advx::ClusterOp cluster);

} // namespace advx::codegen

#endif
