#ifndef ADVX_COMPILER_CODEGEN_KERNELS_PASSES_H
#define ADVX_COMPILER_CODEGEN_KERNELS_PASSES_H

#include "dialect/IR/AdvxOps.h"

/// What of a channel cluster is computed in which pass over the batch. A sum over the batch that
/// depends on another one comes a pass later.
namespace advx::codegen {

/// The body of a channel cluster.
struct Passes {
  int64_t channels = 0;
  llvm::SmallVector<mlir::Operation *> rows;  ///< of an example
  llvm::SmallVector<mlir::Operation *> after; ///< of all, but for the sums over the batch
  llvm::SmallVector<llvm::SmallVector<mlir::advx::BatchSumOp>> sums; ///< by pass
  llvm::SmallVector<mlir::Value> results;                            ///< one number a channel each
};

/// Whether a value without a batch is one number a channel, or one for all.
bool isPerChannel(mlir::Type type, int64_t channels);

/// Refuses, at the op, what cannot be computed channel by channel.
mlir::FailureOr<Passes> passesOf(mlir::advx::ClusterOp cluster);

} // namespace advx::codegen

#endif
