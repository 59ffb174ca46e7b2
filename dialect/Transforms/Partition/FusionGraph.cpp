//===- FusionGraph.cpp - Groups of ops that stay acyclic -------------------===//

#include "dialect/Transforms/Partition/FusionGraph.h"

#include <queue>

using namespace mlir;
using namespace mlir::advx;

void FusionGroup::sort() {
  llvm::sort(ops, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
}

FusionGraph::FusionGraph(Block &block, const FusionRules &rules) : block(block) {
  for (Operation &op : block) {
    if (rules.role(&op) != FusionRole::fusible)
      continue;
    auto group = std::make_unique<FusionGroup>();
    group->add(&op);
    group->batched = isBatchedOp(&op);
    group->update = rules.isUpdate(&op);
    groupOfOp[&op] = group.get();
    groupNodes.insert(group.get());
    owned.push_back(std::move(group));
  }
  for (Operation &op : block) {
    void *node = nodeOf(&op);
    place[node] = order.size();
    order.push_back(node);
  }
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
    while (!work.empty())
      for (Operation *user : work.pop_back_val()->getUsers()) {
        void *reader = nodeOf(user);
        Operation *here = block.findAncestorOpInBlock(*user);
        // A free op that is no group of its own is copied into its readers; a reader that is no
        // cluster reads the op itself.
        if (!groupNodes.contains(reader) && roleOf(here) == FusionRole::free)
          work.push_back(here);
        else
          visit(reader);
      }
  };
  if (!groupNodes.contains(node))
    return visitReaders(static_cast<Operation *>(node));
  for (Operation *op : static_cast<FusionGroup *>(node)->getOps())
    visitReaders(op);
}

FusionGraph::Between FusionGraph::between(const FusionGroup &a, const FusionGroup &b) const {
  Between result;
  result.first = const_cast<FusionGroup *>(&a);
  result.last = const_cast<FusionGroup *>(&b);
  if (place.lookup(result.first) > place.lookup(result.last))
    std::swap(result.first, result.last);
  size_t end = place.lookup(result.last);
  SmallVector<void *> work;
  auto reach = [&](void *node) {
    result.hasPath |= node == result.last;
    // What follows leads to nothing before it.
    if (place.lookup(node) < end && result.reached.insert(node).second)
      work.push_back(node);
  };
  forEachSuccessor(result.first, [&](void *node) {
    if (node != result.first && node != result.last)
      reach(node);
  });
  while (!work.empty() && !result.hasPath)
    forEachSuccessor(work.pop_back_val(), reach);
  return result;
}

bool FusionGraph::staysAcyclic(const FusionGroup &a, const FusionGroup &b) const {
  return !between(a, b).hasPath;
}

void FusionGraph::merge(FusionGroup &into, FusionGroup &from) {
  // What the first of them leads to moves behind both, in the order that it has.
  Between nodes = between(into, from);
  size_t begin = place.lookup(nodes.first), end = place.lookup(nodes.last);
  SmallVector<void *> before, after;
  for (void *node : ArrayRef(order).slice(begin + 1, end - begin - 1))
    (nodes.reached.contains(node) ? after : before).push_back(node);
  size_t next = begin;
  auto put = [&](void *node) {
    place[node] = next;
    order[next++] = node;
  };
  llvm::for_each(before, put);
  put(&into);
  llvm::for_each(after, put);
  order[next] = nullptr; // two nodes are one
  place.erase(&from);
  for (Operation *op : from.getOps())
    groupOfOp[op] = &into;
  into.add(from.getOps());
  into.sort();
  into.batched |= from.batched;
  into.update &= from.update;
  into.channel |= from.channel;
  from.clear();
  groupNodes.erase(&from);
}

void FusionGraph::add(FusionGroup &group, Operation *op) {
  group.add(op);
  groupOfOp[op] = &group;
}

void FusionGraph::erase(FusionGroup &group, Operation *op) {
  group.remove(op);
  groupOfOp.erase(op);
  op->erase();
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
