//===- Partition.cpp - Library ops and clusters ----------------------------===//
//
// Every op of a step that is neither a library op nor a number of the host becomes part of a
// cluster, in as few clusters as data dependences allow.
//
//===----------------------------------------------------------------------===//

#include "dialect/Transforms/Partition/ClusterBuilder.h"
#include "dialect/Transforms/Partition/Crossings.h"
#include "dialect/Transforms/Partition/MergeRules.h"
#include "dialect/Transforms/Partition/Recompute.h"
#include "dialect/Transforms/Partition/Remarks.h"
#include "dialect/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::advx {
#define GEN_PASS_DEF_PARTITION
#include "dialect/Transforms/Passes.h.inc"
} // namespace mlir::advx

using namespace mlir;
using namespace mlir::advx;

namespace {

/// Forms the clusters of one block.
class BlockPartition {
public:
  BlockPartition(Block &block, const FusionRules &rules)
      : block(block), rules(rules), graph(block, rules) {}

  void mergeUpdates() {
    FusionGroup *all = nullptr;
    for (FusionGroup *group : graph.groups()) {
      if (!group->update)
        continue;
      if (all)
        graph.merge(*all, *group); // nothing but the state reads an update: no cycle
      else
        all = group;
    }
  }

  void mergeProducersWithConsumers() {
    for (Operation &op : block)
      if (graph.groupOf(&op))
        for (Value operand : op.getOperands())
          mergeProducers(operand, &op);
  }

  void narrowCrossings() { advx::narrowCrossings(graph, rules); }

  void mergeNeighbours() {
    SmallVector<FusionGroup *> groups = graph.groups();
    for (unsigned i = 0; i < groups.size(); ++i)
      for (unsigned j = i + 1; j < groups.size(); ++j)
        if (!groups[i]->empty() && !groups[j]->empty() &&
            refuseHorizontal(*groups[i], *groups[j]).empty() &&
            graph.staysAcyclic(*groups[i], *groups[j]))
          graph.merge(*groups[i], *groups[j]);
  }

  void mergeChannelSums() {
    for (FusionGroup *producer : graph.groups())
      for (FusionGroup *consumer : graph.groups())
        if (producer != consumer && !producer->empty() && !consumer->empty() &&
            reads(*consumer, *producer) && refuseChannel(*producer, *consumer).empty() &&
            graph.staysAcyclic(*producer, *consumer)) {
          graph.merge(*producer, *consumer);
          producer->channel = true;
        }
  }

  void outline(bool remarks) {
    llvm::DenseMap<FusionGroup *, SmallVector<Cut>> cuts;
    for (FusionGroup *group : graph.groups())
      if (remarks)
        cuts[group] = cutsOf(*group, graph, rules);
    for (FusionGroup *group : graph.groups())
      absorbProducers(*group, graph);
    eraseUnused();
    graph.schedule();
    for (FusionGroup *group : graph.groups()) {
      group->sort();
      ClusterOp cluster = buildCluster(*group);
      if (remarks)
        remarkCluster(cluster, cuts[group]);
    }
  }

private:
  void mergeProducers(Value operand, Operation *consumer) {
    Operation *op = operand.getDefiningOp();
    if (!op || op->getBlock() != &block)
      return;
    FusionGroup *producer = graph.groupOf(op);
    if (!producer) {
      if (roleOf(op) == FusionRole::free)
        for (Value source : op->getOperands())
          mergeProducers(source, consumer);
      return;
    }
    FusionGroup *group = graph.groupOf(consumer);
    if (producer != group && refuseVertical(*producer, *group, rules).empty() &&
        graph.staysAcyclic(*producer, *group))
      graph.merge(*producer, *group);
  }

  bool reads(const FusionGroup &consumer, const FusionGroup &producer) {
    return llvm::any_of(inputsOf(consumer), [&](Value value) {
      return value.getDefiningOp() && producer.contains(value.getDefiningOp());
    });
  }

  /// Copies leave originals behind.
  void eraseUnused() {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (roleOf(&op) == FusionRole::free && !graph.groupOf(&op) && isOpTriviallyDead(&op))
        op.erase();
  }

  Block &block;
  const FusionRules &rules;
  FusionGraph graph;
};

struct Partition : advx::impl::PartitionBase<Partition> {
  using PartitionBase::PartitionBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (!function->hasAttr("advx.step"))
        continue;
      // Inner blocks first: what they repeat of the blocks around them is not needed there then.
      SmallVector<Block *> blocks;
      function.walk<WalkOrder::PostOrder>([&](Block *block) { blocks.push_back(block); });
      if (remarks)
        mlir::emitRemark(function.getLoc()) << "step " << function.getSymName();
      for (Block *block : blocks)
        partition(*block, function);
      function.walk([&](ClusterOp) { ++numClusters; });
      if (remarks)
        remarkLoops(function);
    }
  }

private:
  void partition(Block &block, func::FuncOp function) {
    FusionRules before(function);
    duplicateCheapOps(block, before);
    FusionRules rules(function);
    BlockPartition parts(block, rules);
    parts.mergeUpdates();
    parts.mergeProducersWithConsumers();
    parts.narrowCrossings();
    parts.mergeNeighbours();
    parts.mergeChannelSums();
    parts.outline(remarks);
  }
};

} // namespace
