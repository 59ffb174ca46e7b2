//===- Crossings.cpp - What goes from kernel to kernel ---------------------===//

#include "dialect/Transforms/Partition/Crossings.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::advx;

namespace {

/// Adds the wide tensors that are read where the value is, with free ops looked through.
void collectWide(Value value, llvm::SmallSetVector<Value, 2> &wide) {
  Operation *op = value.getDefiningOp();
  if (!op || roleOf(op) != FusionRole::free) {
    if (isWide(value))
      wide.insert(value);
    return;
  }
  for (Value operand : elementOperands(op))
    collectWide(operand, wide);
}

/// What crosses from one group to others.
class Crossings {
public:
  Crossings(FusionGroup &group, FusionGraph &graph, const FusionRules &rules)
      : group(group), graph(graph), rules(rules) {}

  void narrow() {
    llvm::MapVector<Value, SmallVector<Operation *>> byOrigin;
    for (Operation *op : group.getOps())
      if (mayMove(op))
        byOrigin[originOf(op)].push_back(op);
    for (auto &[origin, ops] : byOrigin) {
      int64_t saved = isInMemory(origin) ? 0 : -exampleBytes(origin.getType());
      for (Operation *op : ops)
        saved += exampleBytes(op->getResult(0).getType());
      if (saved <= 0)
        continue;
      // Last ones first: what only they read goes with them.
      for (Operation *op : llvm::reverse(ops))
        moveToReaders(op);
    }
  }

private:
  /// The tensor that the op makes its result of, if it is cheap and reads one, else none.
  Value sourceOf(Operation *op) {
    if (!isCheap(op))
      return {};
    llvm::SmallSetVector<Value, 2> wide;
    for (Value operand : op->getOperands())
      collectWide(operand, wide);
    return wide.size() == 1 ? wide.front() : Value();
  }

  /// The op of the group that makes this tensor in the same way, if the op reads it as it is.
  Operation *previous(Operation *op) {
    Value source = sourceOf(op);
    Operation *before = source.getDefiningOp();
    bool isDirect = llvm::is_contained(op->getOperands(), source);
    return before && isDirect && group.contains(before) && sourceOf(before) ? before : nullptr;
  }

  /// The tensor at the start of the chain of cheap ops of the group that ends with the op.
  Value originOf(Operation *op) {
    while (Operation *before = previous(op))
      op = before;
    return sourceOf(op);
  }

  bool isInMemory(Value value) {
    Operation *op = value.getDefiningOp();
    return !op || !group.contains(op) || rules.leavesClusters(op) ||
           llvm::any_of(op->getUsers(), [&](Operation *user) { return !group.contains(user); });
  }

  bool readsOrigin(const FusionGroup &reader, Value origin) {
    return llvm::any_of(origin.getUsers(), [&](Operation *user) { return reader.contains(user); });
  }

  /// Whether others read the result, all of them groups that can make it and then read no more.
  bool mayMove(Operation *op) {
    Value result = op->getResult(0);
    if (!isWide(result) || !sourceOf(op) || rules.leavesClusters(op))
      return false;
    Value origin = originOf(op);
    bool isSmaller = exampleBytes(result.getType()) < exampleBytes(origin.getType());
    bool crosses = false;
    for (Operation *user : op->getUsers()) {
      FusionGroup *reader = graph.groupOf(user);
      if (!reader)
        return false;
      if (reader == &group)
        continue;
      if (isSmaller && !readsOrigin(*reader, origin))
        return false;
      crosses = true;
    }
    return crosses;
  }

  /// Gives each reader a copy of the chain that ends with the op.
  void moveToReaders(Operation *op) {
    Value result = op->getResult(0);
    llvm::SmallSetVector<FusionGroup *, 4> readers;
    for (Operation *user : result.getUsers())
      if (graph.groupOf(user) != &group)
        readers.insert(graph.groupOf(user));
    for (FusionGroup *reader : readers) {
      Value copy = copyFor(*reader, op);
      result.replaceUsesWithIf(
          copy, [&](OpOperand &use) { return graph.groupOf(use.getOwner()) == reader; });
    }
    eraseUnused(op);
  }

  Value copyFor(FusionGroup &reader, Operation *op) {
    if (Operation *copy = copies.lookup({&reader, op}))
      return copy->getResult(0);
    Operation *made = OpBuilder(op).clone(*op);
    graph.add(reader, made);
    copies[{&reader, op}] = made;
    if (Operation *before = previous(op))
      made->replaceUsesOfWith(before->getResult(0), copyFor(reader, before));
    return made->getResult(0);
  }

  void eraseUnused(Operation *op) {
    while (op && op->use_empty()) {
      Operation *before = previous(op);
      graph.erase(group, op);
      op = before;
    }
  }

  FusionGroup &group;
  FusionGraph &graph;
  const FusionRules &rules;
  llvm::DenseMap<std::pair<FusionGroup *, Operation *>, Operation *> copies;
};

} // namespace

void mlir::advx::narrowCrossings(FusionGraph &graph, const FusionRules &rules) {
  for (FusionGroup *group : graph.groups())
    if (group->batched && !group->empty())
      Crossings(*group, graph, rules).narrow();
  for (FusionGroup *group : graph.groups())
    group->sort();
}
