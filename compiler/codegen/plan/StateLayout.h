#ifndef ADVX_COMPILER_CODEGEN_PLAN_STATELAYOUT_H
#define ADVX_COMPILER_CODEGEN_PLAN_STATELAYOUT_H

#include "dialect/IR/AdvxOps.h"

namespace advx::codegen {

/// Where the leaves of state lie: one after the other at the start of the state arena.
class StateLayout {
public:
  /// Gives every leaf of the module's `advx.program` its offset, and the program the size of all.
  /// A module without a program has no state.
  static StateLayout assign(mlir::ModuleOp module);

  /// The leaf of a slot, or null.
  mlir::advx::LeafOp leaf(int64_t slot) const {
    bool isOne = slot >= 0 && slot < static_cast<int64_t>(leaves.size());
    return isOne ? leaves[static_cast<size_t>(slot)] : mlir::advx::LeafOp();
  }
  /// Of a leaf that there is, in bytes.
  int64_t offset(int64_t slot) const { return static_cast<int64_t>(*leaf(slot).getOffset()); }
  /// The bytes of all leaves.
  int64_t bytes() const { return size; }

private:
  llvm::SmallVector<mlir::advx::LeafOp> leaves;
  int64_t size = 0;
};

} // namespace advx::codegen

#endif
