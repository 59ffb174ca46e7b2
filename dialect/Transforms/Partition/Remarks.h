//===- Remarks.h - Why the partition is as it is ----------------*- C++ -*-===//

#ifndef ADVX_DIALECT_TRANSFORMS_PARTITION_REMARKS_H
#define ADVX_DIALECT_TRANSFORMS_PARTITION_REMARKS_H

#include "dialect/Transforms/Partition/FusionGraph.h"

#include <string>

namespace mlir::advx {

/// Something that a group reads or is read by and is not part of, and why not.
struct Cut {
  Location location;
  std::string reason;
};

/// What cut a group off from those whose results it reads.
SmallVector<Cut> cutsOf(const FusionGroup &group, FusionGraph &graph, const FusionRules &rules);

/// Reports a cluster at the text of its last op: template, axes, size, and its cuts as notes.
void remarkCluster(ClusterOp cluster, ArrayRef<Cut> cuts);

/// Reports, for each library op and cluster in a loop, why it is computed in every iteration.
void remarkLoops(Operation *function);

} // namespace mlir::advx

#endif // ADVX_DIALECT_TRANSFORMS_PARTITION_REMARKS_H
