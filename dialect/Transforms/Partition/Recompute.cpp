//===- Recompute.cpp - Computing again instead of storing ------------------===//

#include "dialect/Transforms/Partition/Recompute.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::advx;

namespace {

/// What computing `value` again reads: the wide tensors that neither free ops nor cheap ops
/// make. Stops at ops for which `keep` holds.
void collectSources(Value value, llvm::SetVector<Value> &sources,
                    llvm::function_ref<bool(Operation *)> keep) {
  Operation *op = value.getDefiningOp();
  bool again = op && !keep(op) && (roleOf(op) == FusionRole::free || isCheap(op));
  if (!again) {
    if (isWide(value))
      sources.insert(value);
    return;
  }
  // Of a batch_broadcast's second operand only the number of examples is read.
  for (Value operand :
       isa<BatchBroadcastOp>(op) ? op->getOperands().take_front() : op->getOperands())
    collectSources(operand, sources, keep);
}

constexpr unsigned mostSources = 2;

} // namespace

void mlir::advx::duplicateCheapOps(Block &block, const FusionRules &rules) {
  // Readers first, so that a chain is copied as a whole.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
    if (roleOf(&op) != FusionRole::fusible || !isCheap(&op) || !isBatchedOp(&op) ||
        rules.leavesClusters(&op) || op.use_empty() || op.hasOneUse())
      continue;
    auto elsewhere = [&](Operation *user) { return user->getBlock() != &block; };
    if (llvm::any_of(op.getUsers(), elsewhere))
      continue;
    llvm::SetVector<Value> sources;
    // What is in memory anyway is read there.
    auto keep = [&](Operation *producer) {
      return producer->getBlock() != &block || rules.leavesClusters(producer);
    };
    for (Value operand : op.getOperands())
      collectSources(operand, sources, keep);
    if (sources.size() > mostSources)
      continue;
    llvm::SmallSetVector<Operation *, 4> users(op.user_begin(), op.user_end());
    for (Operation *user : llvm::drop_begin(users)) {
      OpBuilder builder(user);
      Operation *copy = builder.clone(op);
      user->replaceUsesOfWith(op.getResult(0), copy->getResult(0));
    }
  }
}

namespace {

/// Cheap ops before the loop around the group that it had better compute again.
llvm::DenseSet<Operation *> worthRepeating(const FusionGroup &group) {
  Block *block = group.getOps().front()->getBlock();
  auto isOutside = [&](Operation *op) {
    return op->getBlock() != block && isCheap(op) && isBatchedOp(op);
  };
  llvm::SetVector<Value> before, after;
  llvm::DenseSet<Operation *> chosen;
  auto keepInside = [&](Operation *op) { return op->getBlock() == block; };
  SmallVector<Value> reads;
  for (Operation *op : group.getOps())
    reads.append(op->operand_begin(), op->operand_end());
  auto collect = [&](Value value, auto &self) -> void {
    Operation *op = value.getDefiningOp();
    if (op && group.contains(op))
      return;
    if (op && roleOf(op) == FusionRole::free) {
      for (Value operand : op->getOperands())
        self(operand, self);
      return;
    }
    if (isWide(value))
      before.insert(value);
    if (op && isOutside(op))
      collectSources(value, after, keepInside);
    else if (isWide(value))
      after.insert(value);
  };
  for (Value value : reads)
    collect(value, collect);
  if (after.size() > before.size())
    return chosen;
  // All of the chain between the sources and the group.
  auto choose = [&](Value value, auto &self) -> void {
    Operation *op = value.getDefiningOp();
    if (!op || group.contains(op) || after.contains(value))
      return;
    bool repeats = isOutside(op);
    if (repeats)
      chosen.insert(op);
    if (repeats || roleOf(op) == FusionRole::free)
      for (Value operand : op->getOperands())
        self(operand, self);
  };
  for (Value value : reads)
    choose(value, choose);
  return chosen;
}

} // namespace

void mlir::advx::absorbProducers(FusionGroup &group, FusionGraph &graph) {
  llvm::DenseSet<Operation *> repeated = worthRepeating(group);
  // The list grows while it is walked: copies read producers of their own.
  for (unsigned i = 0; i < group.getOps().size(); ++i)
    for (OpOperand &use : group.getOps()[i]->getOpOperands()) {
      Operation *op = use.get().getDefiningOp();
      if (!op || group.contains(op) || graph.groupOf(op))
        continue;
      if (roleOf(op) == FusionRole::free || repeated.contains(op)) {
        Operation *copy = OpBuilder(use.getOwner()).clone(*op);
        use.set(copy->getResult(0));
        graph.add(group, copy);
      }
    }
  group.sort();
}
