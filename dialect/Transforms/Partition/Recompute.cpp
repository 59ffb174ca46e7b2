//===- Recompute.cpp - Computing again instead of storing ------------------===//

#include "dialect/Transforms/Partition/Recompute.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

#include <algorithm>

using namespace mlir;
using namespace mlir::advx;

namespace {

/// Wide tensors that may be read to compute a value again.
constexpr unsigned mostSources = 2;

/// Cheap ops that may be computed again for one value: about what loading it costs.
constexpr unsigned mostRepeated = 16;

bool isRepeatable(Operation *op) {
  return roleOf(op) == FusionRole::fusible && isCheap(op) && isBatchedOp(op);
}

/// What computing values of a block again takes.
class Repetition {
public:
  Repetition(Block &block, const FusionRules &rules) : rules(rules) {
    for (Operation &op : block) {
      if (!passesOn(&op))
        continue;
      Cost cost = costOf(&op);
      // A long way is gone once: from its end on, readers start with what it leads to.
      if (cost.ops.size() <= mostRepeated || cost.sources.size() > mostSources)
        costs[&op] = std::move(cost);
    }
  }

  /// Whether readers had better have the op for themselves.
  bool isWorth(Operation *op) const {
    auto known = costs.find(op);
    return known != costs.end() && isRepeatable(op) && known->second.sources.size() <= mostSources;
  }

private:
  /// Sets of which only the small ones are wanted whole: the others have one more than they may.
  struct Cost {
    llvm::SmallSetVector<Value, 4> sources;
    llvm::SmallSetVector<Operation *, 4> ops;
  };

  /// Whether what reads the op may compute it again. What is in memory anyway is read there.
  bool passesOn(Operation *op) const {
    return (roleOf(op) == FusionRole::free || isCheap(op)) && !rules.leavesClusters(op);
  }

  Cost costOf(Operation *op) {
    Cost cost;
    auto addUpTo = [](auto &set, auto value, unsigned most) {
      if (set.size() <= most)
        set.insert(value);
    };
    auto add = [&](Value operand) {
      auto known = costs.find(operand.getDefiningOp());
      if (known == costs.end()) {
        if (isWide(operand))
          addUpTo(cost.sources, operand, mostSources);
        return;
      }
      for (Value source : known->second.sources)
        addUpTo(cost.sources, source, mostSources);
      for (Operation *repeated : known->second.ops)
        addUpTo(cost.ops, repeated, mostRepeated);
    };
    llvm::for_each(elementOperands(op), add);
    if (isRepeatable(op))
      addUpTo(cost.ops, op, mostRepeated);
    return cost;
  }

  const FusionRules &rules;
  llvm::DenseMap<Operation *, Cost> costs;
};

} // namespace

void mlir::advx::duplicateCheapOps(Block &block, const FusionRules &rules) {
  Repetition repetition(block, rules);
  // Whom a copy is for: the op at the end of what is repeated, which has one of each.
  llvm::DenseMap<Operation *, Operation *> readers;
  auto readerOf = [&](Operation *user) {
    Operation *reader = readers.lookup(user);
    return reader ? reader : user;
  };
  // Where ops stand; asking the block after each copy would number all of it anew.
  llvm::DenseMap<Operation *, double> places;
  for (Operation &op : block)
    places[&op] = double(places.size());
  auto isBefore = [&](Operation *a, Operation *b) {
    double one = places.lookup(a), other = places.lookup(b);
    return one == other ? a->isBeforeInBlock(b) : one < other;
  };
  // Readers first, so that a chain is copied as a whole.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
    if (op.use_empty() || !repetition.isWorth(&op))
      continue;
    llvm::MapVector<Operation *, SmallVector<Operation *>> users;
    for (Operation *user : op.getUsers())
      users[readerOf(user)].push_back(user);
    readers[&op] = users.front().first;
    for (auto &[reader, own] : llvm::drop_begin(users)) {
      Operation *first = *std::min_element(own.begin(), own.end(), isBefore);
      Operation *copy = OpBuilder(first).clone(op);
      places[copy] = (places.lookup(copy->getPrevNode()) + places.lookup(first)) / 2;
      readers[copy] = reader;
      for (Operation *user : own)
        user->replaceUsesOfWith(op.getResult(0), copy->getResult(0));
    }
  }
}

namespace {

/// Cheap ops before the loop around a group that it had better compute again.
class Outside {
public:
  explicit Outside(const FusionGroup &group)
      : group(group), block(group.getOps().front()->getBlock()) {
    for (Operation *op : group.getOps())
      for (Value operand : op->getOperands())
        read(operand);
    if (after.size() > before.size() || chosen.size() > mostRepeated)
      chosen.clear();
  }

  bool contains(Operation *op) const { return chosen.contains(op); }

private:
  /// What the group reads now, with free ops looked through.
  void read(Value value) {
    Operation *op = value.getDefiningOp();
    if ((op && group.contains(op)) || !seen.insert(value).second)
      return;
    if (op && roleOf(op) == FusionRole::free) {
      llvm::for_each(op->getOperands(), [&](Value operand) { read(operand); });
      return;
    }
    if (isWide(value))
      before.insert(value);
    if (op && op->getBlock() != block && isCheap(op) && isBatchedOp(op))
      repeat(value);
    else if (isWide(value))
      after.insert(value);
  }

  /// What it would read to compute the value again.
  void repeat(Value value) {
    Operation *op = value.getDefiningOp();
    bool again = op && op->getBlock() != block && (roleOf(op) == FusionRole::free || isCheap(op)) &&
                 chosen.size() <= mostRepeated;
    if (!again) {
      if (isWide(value))
        after.insert(value);
      return;
    }
    if (!repeated.insert(op).second)
      return;
    if (isCheap(op) && isBatchedOp(op))
      chosen.insert(op);
    llvm::for_each(elementOperands(op), [&](Value operand) { repeat(operand); });
  }

  const FusionGroup &group;
  Block *block;
  llvm::DenseSet<Value> seen, before, after;
  llvm::DenseSet<Operation *> repeated, chosen;
};

} // namespace

void mlir::advx::absorbProducers(FusionGroup &group, FusionGraph &graph) {
  Outside outside(group);
  Block *block = group.getOps().front()->getBlock();
  // Of what stands before the loop one copy does, before its first reader. What reads it is told
  // by the op of the group that it stands before or is: asking the block for its order after each
  // change would number all of it anew.
  llvm::DenseMap<Operation *, unsigned> places;
  for (auto [i, op] : llvm::enumerate(group.getOps()))
    places[op] = i;
  llvm::DenseMap<Operation *, Operation *> copies;
  auto moveBefore = [&](Operation *copy, Operation *reader, auto &self) -> void {
    unsigned &place = places[copy];
    if (place < places[reader] || (place == places[reader] && copy->isBeforeInBlock(reader)))
      return;
    place = places[reader];
    copy->moveBefore(reader);
    for (Value operand : copy->getOperands())
      if (Operation *source = operand.getDefiningOp(); source && places.contains(source))
        self(source, copy, self);
  };
  // The list grows while it is walked: copies read producers of their own.
  for (unsigned i = 0; i < group.getOps().size(); ++i)
    for (OpOperand &use : group.getOps()[i]->getOpOperands()) {
      Operation *op = use.get().getDefiningOp();
      if (!op || group.contains(op) || graph.groupOf(op) ||
          (roleOf(op) != FusionRole::free && !outside.contains(op)))
        continue;
      Operation *copy = copies.lookup(op);
      if (copy) {
        moveBefore(copy, use.getOwner(), moveBefore);
      } else {
        copy = OpBuilder(use.getOwner()).clone(*op);
        places[copy] = unsigned(places[use.getOwner()]);
        graph.add(group, copy);
      }
      use.set(copy->getResult(0));
      if (op->getBlock() != block)
        copies[op] = copy;
    }
}
