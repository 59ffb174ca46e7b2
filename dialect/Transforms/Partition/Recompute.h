//===- Recompute.h - Computing again instead of storing ---------*- C++ -*-===//

#ifndef ADVX_DIALECT_TRANSFORMS_PARTITION_RECOMPUTE_H
#define ADVX_DIALECT_TRANSFORMS_PARTITION_RECOMPUTE_H

#include "dialect/Transforms/Partition/FusionGraph.h"

namespace mlir::advx {

/// Gives every reader of a cheap batched op a copy of its own, where a copy reads no more than
/// two tensors, takes few ops, and no library op needs the value in memory: several kernels then
/// read what the op reads, and nobody writes or keeps its result. A chain is copied once for what
/// reads its end; copies that meet in one cluster become one again.
void duplicateCheapOps(Block &block, const FusionRules &rules);

/// Gives the group copies of the free ops that it reads, and of cheap ops before the loop around
/// it where this makes it read no more tensors than before.
void absorbProducers(FusionGroup &group, FusionGraph &graph);

} // namespace mlir::advx

#endif // ADVX_DIALECT_TRANSFORMS_PARTITION_RECOMPUTE_H
