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
#include "llvm/ADT/SmallPtrSet.h"

#include <map>

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
      if (all && !isTooLarge(*all, *group))
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
    llvm::DenseMap<Value, SmallVector<FusionGroup *>> readers;
    SmallVector<FusionGroup *> small; // a launch each for little work
    size_t passed = 0;                // of these
    for (FusionGroup *group : graph.groups()) {
      if (!group->batched && (group->update || llvm::none_of(group->getOps(), reduces)))
        small.push_back(group);
      for (Value value : inputsOf(*group))
        if (group->batched && isWide(value))
          readers[value].push_back(group);
    }
    auto merges = [&](FusionGroup &group, FusionGroup &other) {
      return refuseHorizontal(group, other).empty() && graph.staysAcyclic(group, other);
    };
    for (FusionGroup *group : graph.groups()) {
      auto neighbours = [&](llvm::function_ref<void(FusionGroup *)> visit) {
        for (Value value : inputsOf(*group))
          llvm::for_each(readers.lookup(value), visit);
      };
      auto others = [&](llvm::function_ref<void(FusionGroup *)> visit) {
        llvm::for_each(llvm::drop_begin(small, passed), visit);
      };
      if (group->batched && !group->empty()) {
        mergeInOrder(*group, group->place + 1, neighbours, merges);
      } else if (passed < small.size() && small[passed] == group) {
        ++passed;
        if (!group->empty())
          mergeInOrder(*group, group->place + 1, others, merges);
      }
    }
  }

  void mergeChannelSums() {
    auto merges = [&](FusionGroup &producer, FusionGroup &consumer) {
      return refuseChannel(producer, consumer).empty() && graph.staysAcyclic(producer, consumer);
    };
    for (FusionGroup *producer : graph.groups()) {
      if (!producer->sums)
        continue;
      auto readers = [&](llvm::function_ref<void(FusionGroup *)> visit) {
        for (Operation *op : producer->getOps())
          forEachReadingGroup(op, visit);
      };
      producer->channel |= mergeInOrder(*producer, 0, readers, merges);
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

  /// Merges into the group what `candidates` visits, each once, in the order of all groups from
  /// `place` on. What has joined brings candidates of its own. Answers whether something has.
  bool mergeInOrder(FusionGroup &group, unsigned place,
                    llvm::function_ref<void(llvm::function_ref<void(FusionGroup *)>)> candidates,
                    llvm::function_ref<bool(FusionGroup &, FusionGroup &)> merges) {
    std::map<unsigned, FusionGroup *> waiting;
    auto wait = [&](FusionGroup *other) {
      if (other != &group && other->place >= place)
        waiting[other->place] = other;
    };
    candidates(wait);
    size_t before = group.size();
    while (!waiting.empty()) {
      FusionGroup *other = waiting.begin()->second;
      waiting.erase(waiting.begin());
      place = other->place + 1;
      if (other->empty() || !merges(group, *other))
        continue;
      graph.merge(group, *other);
      candidates(wait);
    }
    return group.size() > before;
  }

  /// The groups that read a result of the op, be it through free ops.
  void forEachReadingGroup(Operation *op, llvm::function_ref<void(FusionGroup *)> visit) {
    SmallVector<Operation *> work{op};
    llvm::SmallPtrSet<Operation *, 4> passed;
    while (!work.empty())
      for (Operation *user : work.pop_back_val()->getUsers()) {
        if (FusionGroup *reader = graph.groupOf(user))
          visit(reader);
        if (roleOf(user) == FusionRole::free && passed.insert(user).second)
          work.push_back(user);
      }
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
