//===- ClusterBuilder.h - From a group of ops to a cluster ------*- C++ -*-===//

#ifndef ADVX_DIALECT_TRANSFORMS_PARTITION_CLUSTERBUILDER_H
#define ADVX_DIALECT_TRANSFORMS_PARTITION_CLUSTERBUILDER_H

#include "dialect/Transforms/Partition/FusionGraph.h"

namespace mlir::advx {

/// Moves the ops of a group, neighbours in their block and in program order, into a cluster in
/// their place, with its axes and the template that follows from them.
ClusterOp buildCluster(const FusionGroup &group);

} // namespace mlir::advx

#endif // ADVX_DIALECT_TRANSFORMS_PARTITION_CLUSTERBUILDER_H
