//===- FusionGraph.h - Groups of ops that stay acyclic ----------*- C++ -*-===//

#ifndef ADVX_DIALECT_TRANSFORMS_PARTITION_FUSIONGRAPH_H
#define ADVX_DIALECT_TRANSFORMS_PARTITION_FUSIONGRAPH_H

#include "dialect/Transforms/Partition/AcyclicGraph.h"
#include "dialect/Transforms/Partition/FusionRules.h"

#include <memory>
#include <optional>
#include <vector>

namespace mlir::advx {

/// Ops of one block that are to be one cluster.
class FusionGroup {
public:
  FusionGroup() = default;
  explicit FusionGroup(ArrayRef<Operation *> ops) { add(ops); }

  ArrayRef<Operation *> getOps() const { return ops; } ///< in the order of the last `sort`
  size_t size() const { return ops.size(); }
  bool empty() const { return ops.empty(); }
  bool contains(Operation *op) const { return members.contains(op); }

  void add(ArrayRef<Operation *> more) {
    ops.append(more.begin(), more.end());
    members.insert(more.begin(), more.end());
  }
  /// Adds the ops of another group, both in program order, and what is true of it.
  void add(const FusionGroup &other);
  void remove(Operation *op) {
    llvm::erase(ops, op);
    members.erase(op);
  }
  void clear() {
    ops.clear();
    members.clear();
  }
  /// Puts the ops in program order.
  void sort();

  bool batched = false; ///< a value in it has a batch axis
  bool update = false;  ///< its ops only make new state
  bool channel = false; ///< sums over the batch feed later ones, channel by channel
  bool sums = false;    ///< one of its ops sums over the batch
  unsigned place = 0;   ///< among all groups, by the first op of the one that others joined

private:
  SmallVector<Operation *> ops;
  llvm::DenseSet<Operation *> members;
};

/// The fusible ops of a block in groups, at first one a group. The rest of the block and the
/// groups form a graph without cycles, whatever is merged.
class FusionGraph {
public:
  FusionGraph(Block &block, const FusionRules &rules);

  /// The group of a fusible op of the block, or null.
  FusionGroup *groupOf(Operation *op) const { return groupOfOp.lookup(op); }

  /// Every group, by its first op.
  SmallVector<FusionGroup *> groups() const;

  /// Whether one kernel for both could still run before all that reads it and after all
  /// that it reads: nothing else lies between them.
  bool staysAcyclic(const FusionGroup &a, const FusionGroup &b);

  /// Moves the ops of `from` into `into`; `from` is gone.
  void merge(FusionGroup &into, FusionGroup &from);

  /// Adds an op, newly made beside the group's, to the group.
  void add(FusionGroup &group, Operation *op);

  /// Erases an op of the group that nobody reads.
  void erase(FusionGroup &group, Operation *op);

  /// Puts the block in an order in which the ops of each group are neighbours.
  void schedule();

private:
  /// A node: the group of a fusible op, or an op.
  void *nodeOf(Operation *op) const;
  /// The nodes that read `node`, with free ops looked through.
  void forEachSuccessor(void *node, llvm::function_ref<void(void *)> visit) const;
  /// Makes the graph of what there is now, if that has changed.
  void connect();

  Block &block;
  std::vector<std::unique_ptr<FusionGroup>> owned;
  llvm::DenseMap<Operation *, FusionGroup *> groupOfOp;
  llvm::DenseSet<void *> groupNodes;
  std::vector<void *> order; ///< every node after those that it read when the graph was made
  std::optional<AcyclicGraph> graph;
  bool isStale = false; ///< ops have changed since the graph was made
  llvm::DenseMap<const void *, AcyclicGraph::Node> numbers; ///< of the nodes in the graph
};

} // namespace mlir::advx

#endif // ADVX_DIALECT_TRANSFORMS_PARTITION_FUSIONGRAPH_H
