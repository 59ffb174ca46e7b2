//===- InlineClusters.cpp - Clusters back to the ops they are made of -------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/Transforms/Passes.h"

#include "mlir/IR/IRMapping.h"

namespace mlir::advx {
#define GEN_PASS_DEF_INLINECLUSTERS
#include "dialect/Transforms/Passes.h.inc"
} // namespace mlir::advx

using namespace mlir;

namespace {
struct InlineClusters : advx::impl::InlineClustersBase<InlineClusters> {
  void runOnOperation() override {
    llvm::SmallVector<advx::ClusterOp> clusters;
    getOperation()->walk([&](advx::ClusterOp cluster) { clusters.push_back(cluster); });
    for (advx::ClusterOp cluster : clusters) {
      OpBuilder builder(cluster);
      IRMapping mapping;
      mapping.map(cluster.getBody().getArguments(), cluster.getInputs());
      for (Operation &op : cluster.getBody().front().without_terminator())
        builder.clone(op, mapping);
      for (auto [result, value] :
           llvm::zip(cluster.getOutputs(), cluster.getYield()->getOperands()))
        result.replaceAllUsesWith(mapping.lookup(value));
      cluster.erase();
    }
  }
};
} // namespace
