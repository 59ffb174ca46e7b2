//===- Crossings.h - What goes from kernel to kernel ------------*- C++ -*-===//

#ifndef ADVX_DIALECT_TRANSFORMS_PARTITION_CROSSINGS_H
#define ADVX_DIALECT_TRANSFORMS_PARTITION_CROSSINGS_H

#include "dialect/Transforms/Partition/FusionGraph.h"

namespace mlir::advx {

/// Values that a group makes of one tensor with cheap ops, for other groups, are made by those
/// instead where fewer bytes then go through memory: the tensor crosses once, or is there
/// anyway, and they do not.
void narrowCrossings(FusionGraph &graph, const FusionRules &rules);

} // namespace mlir::advx

#endif // ADVX_DIALECT_TRANSFORMS_PARTITION_CROSSINGS_H
