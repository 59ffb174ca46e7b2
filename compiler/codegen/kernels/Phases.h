#ifndef ADVX_COMPILER_CODEGEN_KERNELS_PHASES_H
#define ADVX_COMPILER_CODEGEN_KERNELS_PHASES_H

#include "dialect/IR/AdvxOps.h"

/// What of a row cluster runs when.
namespace advx::codegen {

/// The body of a row cluster, by when it runs.
struct Phases {
  llvm::SmallVector<mlir::Operation *> before; ///< without a batch, and before the sums
  llvm::SmallVector<mlir::Operation *> rows;
  llvm::SmallVector<mlir::Operation *> after; ///< without a batch: all but batch_sum
  llvm::SmallVector<mlir::Value> rowResults, afterResults;
  llvm::SmallVector<mlir::advx::BatchSumOp> sums;
  llvm::SmallVector<int64_t> partialOffset; ///< bytes, one a sum
  int64_t partialBytes = 0;
  int64_t longest = 1; ///< elements of the longest value of one example
  /// Values without a batch that examples read and that wait for a reduction.
  llvm::SmallVector<mlir::Value> prologue;
};

/// Equal sums over the batch have one partial.
Phases phasesOf(mlir::advx::ClusterOp cluster);

} // namespace advx::codegen

#endif
