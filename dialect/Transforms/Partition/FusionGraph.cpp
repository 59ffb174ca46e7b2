//===- FusionGraph.cpp - Groups of ops that stay acyclic -------------------===//

#include "dialect/Transforms/Partition/FusionGraph.h"

#include "llvm/ADT/SmallPtrSet.h"

#include <algorithm>
#include <queue>

using namespace mlir;
using namespace mlir::advx;

static bool isBefore(Operation *a, Operation *b) { return a->isBeforeInBlock(b); }

void FusionGroup::add(const FusionGroup &other) {
  members.insert(other.ops.begin(), other.ops.end());
  SmallVector<Operation *> both;
  both.reserve(ops.size() + other.ops.size());
  std::merge(ops.begin(), ops.end(), other.ops.begin(), other.ops.end(), std::back_inserter(both),
             isBefore);
  ops = std::move(both);
  batched |= other.batched;
  update &= other.update;
  channel |= other.channel;
  sums |= other.sums;
}

void FusionGroup::sort() {
  if (!llvm::is_sorted(ops, isBefore))
    llvm::sort(ops, isBefore);
}

FusionGraph::FusionGraph(Block &block, const FusionRules &rules) : block(block) {
  for (Operation &op : block) {
    if (rules.role(&op) != FusionRole::fusible)
      continue;
    auto group = std::make_unique<FusionGroup>();
    group->add(&op);
    group->batched = isBatchedOp(&op);
    group->update = rules.isUpdate(&op);
    group->sums = isa<BatchSumOp>(op);
    group->place = owned.size();
    groupOfOp[&op] = group.get();
    groupNodes.insert(group.get());
    owned.push_back(std::move(group));
  }
  for (Operation &op : block)
    if (void *node = nodeOf(&op); groupNodes.contains(node) || roleOf(&op) != FusionRole::free)
      order.push_back(node);
}

SmallVector<FusionGroup *> FusionGraph::groups() const {
  SmallVector<FusionGroup *> result;
  for (const std::unique_ptr<FusionGroup> &group : owned)
    if (!group->empty())
      result.push_back(group.get());
  return result;
}

void *FusionGraph::nodeOf(Operation *op) const {
  op = block.findAncestorOpInBlock(*op);
  if (FusionGroup *group = groupOfOp.lookup(op))
    return group;
  return op;
}

void FusionGraph::forEachSuccessor(void *node, llvm::function_ref<void(void *)> visit) const {
  auto visitReaders = [&](Operation *op) {
    SmallVector<Operation *> work{op};
    llvm::SmallPtrSet<Operation *, 4> passed;
    while (!work.empty())
      for (Operation *user : work.pop_back_val()->getUsers()) {
        void *reader = nodeOf(user);
        Operation *here = block.findAncestorOpInBlock(*user);
        // A free op that is no group of its own is copied into its readers; a reader that is no
        // cluster reads the op itself.
        if (!groupNodes.contains(reader) && roleOf(here) == FusionRole::free) {
          if (passed.insert(here).second)
            work.push_back(here);
        } else {
          visit(reader);
        }
      }
  };
  if (!groupNodes.contains(node))
    return visitReaders(static_cast<Operation *>(node));
  for (Operation *op : static_cast<FusionGroup *>(node)->getOps())
    visitReaders(op);
}

void FusionGraph::connect() {
  if (graph && !isStale)
    return;
  if (graph) {
    // What has changed since leads forward in the same order.
    llvm::erase_if(order, [&](void *node) {
      return groupNodes.contains(node) && static_cast<FusionGroup *>(node)->empty();
    });
    llvm::sort(order, [&](void *a, void *b) { return graph->isBefore(numbers[a], numbers[b]); });
    numbers.clear();
  }
  for (auto [number, node] : llvm::enumerate(order))
    numbers[node] = number;
  std::vector<AcyclicGraph::Edges> successors(order.size());
  for (auto [number, node] : llvm::enumerate(order)) {
    llvm::DenseSet<void *> seen{node};
    forEachSuccessor(node, [&, &edges = successors[number]](void *reader) {
      if (seen.insert(reader).second)
        edges.push_back(numbers.lookup(reader));
    });
  }
  graph.emplace(std::move(successors));
  isStale = false;
}

bool FusionGraph::staysAcyclic(const FusionGroup &a, const FusionGroup &b) {
  connect();
  return !graph->isBetween(numbers.lookup(&a), numbers.lookup(&b));
}

void FusionGraph::merge(FusionGroup &into, FusionGroup &from) {
  connect();
  graph->merge(numbers.lookup(&into), numbers.lookup(&from));
  for (Operation *op : from.getOps())
    groupOfOp[op] = &into;
  into.add(from);
  from.clear();
}

void FusionGraph::add(FusionGroup &group, Operation *op) {
  group.add(op);
  groupOfOp[op] = &group;
  isStale = true;
}

void FusionGraph::erase(FusionGroup &group, Operation *op) {
  group.remove(op);
  groupOfOp.erase(op);
  op->erase();
  isStale = true;
}

void FusionGraph::schedule() {
  // Kahn's algorithm over groups and other ops; of what could come next, what stood first.
  llvm::DenseMap<void *, SmallVector<Operation *>> members;
  llvm::DenseMap<void *, int64_t> waits, place;
  llvm::DenseMap<void *, llvm::DenseSet<void *>> readers;
  int64_t position = 0;
  Operation *terminator = block.getTerminator();
  for (Operation &op : block.without_terminator()) {
    void *node = nodeOf(&op);
    members[node].push_back(&op);
    place[node] = position++; // a group stands where its last op stood
    waits.try_emplace(node, 0);
  }
  for (Operation &op : block.without_terminator()) {
    void *node = nodeOf(&op);
    for (Operation *user : op.getUsers()) {
      Operation *here = block.findAncestorOpInBlock(*user);
      void *reader = nodeOf(here);
      if (here != terminator && reader != node && readers[node].insert(reader).second)
        ++waits[reader];
    }
  }
  using Entry = std::pair<int64_t, void *>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> ready;
  for (auto &[node, count] : waits)
    if (count == 0)
      ready.emplace(place[node], node);
  while (!ready.empty()) {
    void *node = ready.top().second;
    ready.pop();
    for (Operation *op : members[node])
      op->moveBefore(terminator);
    for (void *reader : readers[node])
      if (--waits[reader] == 0)
        ready.emplace(place[reader], reader);
  }
}
