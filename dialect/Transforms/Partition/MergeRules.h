//===- MergeRules.h - Which groups may share a kernel -----------*- C++ -*-===//

#ifndef ADVX_DIALECT_TRANSFORMS_PARTITION_MERGERULES_H
#define ADVX_DIALECT_TRANSFORMS_PARTITION_MERGERULES_H

#include "dialect/Transforms/Partition/FusionGraph.h"

namespace mlir::advx {

/// Ops of one kernel of examples. Beyond that its instructions no longer stay near the processor,
/// nothing is saved that counts, and compiling it takes more than its share.
constexpr size_t mostOps = 128;

/// Ops of one kernel without a batch: a list of loops, each with ops of its own.
constexpr size_t mostUpdateOps = 512;

/// Whether one kernel for both would have too many ops.
bool isTooLarge(const FusionGroup &a, const FusionGroup &b);

/// Why two groups stay apart, for --remarks; empty where they may merge.
using Refusal = StringRef;

/// A group and one that reads its results.
Refusal refuseVertical(const FusionGroup &producer, const FusionGroup &consumer,
                       const FusionRules &rules);

/// Two groups that do not read each other: merging pays where they read the same tensor, or
/// where each is a launch for little work.
Refusal refuseHorizontal(const FusionGroup &a, const FusionGroup &b);

/// A group of sums over the batch and one whose sums depend on them: one kernel where every
/// channel can be summed for itself.
Refusal refuseChannel(const FusionGroup &producer, const FusionGroup &consumer);

/// The values of other ops that the group reads, with free ops looked through.
SmallVector<Value> inputsOf(const FusionGroup &group);

/// Whether an op outside the group reads a batched value of it.
bool hasBatchedOutput(const FusionGroup &group);

} // namespace mlir::advx

#endif // ADVX_DIALECT_TRANSFORMS_PARTITION_MERGERULES_H
