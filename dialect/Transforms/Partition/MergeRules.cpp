//===- MergeRules.cpp - Which groups may share a kernel --------------------===//

#include "dialect/Transforms/Partition/MergeRules.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::advx;

namespace {

constexpr StringLiteral tooLarge = "one kernel for both would have too many ops";
constexpr StringLiteral sumsFirst = "the batch has to be summed before it can be read again";

/// In program order, as the ops of each group are.
SmallVector<Operation *> opsOfBoth(const FusionGroup &a, const FusionGroup &b) {
  SmallVector<Operation *> ops;
  ops.reserve(a.size() + b.size());
  std::merge(a.getOps().begin(), a.getOps().end(), b.getOps().begin(), b.getOps().end(),
             std::back_inserter(ops),
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  return ops;
}

/// Whether `value`, be it through free ops, is one of `values`.
bool leadsTo(Value value, const llvm::DenseSet<Value> &values) {
  if (values.contains(value))
    return true;
  Operation *op = value.getDefiningOp();
  return op && roleOf(op) == FusionRole::free &&
         llvm::any_of(op->getOperands(), [&](Value operand) { return leadsTo(operand, values); });
}

/// Whether a batched op of the groups reads a sum over the batch of them.
bool needsSeveralPasses(const FusionGroup &a, const FusionGroup &b) {
  if (!a.sums && !b.sums)
    return false;
  llvm::DenseSet<Value> sums;
  for (Operation *op : opsOfBoth(a, b)) {
    bool reads = llvm::any_of(op->getOperands(), [&](Value v) { return leadsTo(v, sums); });
    if (reads && isBatchedOp(op))
      return true;
    if (reads || isa<BatchSumOp>(op))
      sums.insert(op->result_begin(), op->result_end());
  }
  return false;
}

bool sharesWideInput(const FusionGroup &a, const FusionGroup &b) {
  SmallVector<Value> others = inputsOf(b);
  return llvm::any_of(
      inputsOf(a), [&](Value value) { return isWide(value) && llvm::is_contained(others, value); });
}

/// Every axis but the last, of an operand with `rank` axes.
bool isAllButLast(ArrayRef<int64_t> axes, int64_t rank) {
  return int64_t(axes.size()) == rank - 1 && llvm::all_of(llvm::enumerate(axes), [](auto entry) {
           return entry.value() == int64_t(entry.index());
         });
}

/// Whether element c of everything depends on elements c only, c being the last axis.
bool isChannelwise(Operation *op, int64_t channels) {
  auto fits = [&](Type type) {
    if (exampleRank(type) == 0)
      return !isBatched(type);
    return exampleShape(type).back() == channels && (isBatched(type) || exampleRank(type) == 1);
  };
  if (auto sum = dyn_cast<ReduceSumOp>(op))
    return isBatched(sum.getType()) &&
           isAllButLast(axesOrAll(sum.getInput().getType(), sum.getAxes()),
                        exampleRank(sum.getInput().getType()));
  if (auto sum = dyn_cast<BatchSumOp>(op))
    return fits(sum.getInput().getType()) && exampleRank(sum.getType()) == 1;
  if (!isa<ElementwiseOpInterface>(op) || !fits(op->getResult(0).getType()))
    return false;
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    auto broadcast = operand.getDefiningOp<BroadcastOp>();
    if (!broadcast)
      return fits(operand.getType());
    Type from = broadcast.getInput().getType();
    return exampleRank(from) == 0 ||
           (fits(from) &&
            broadcast.getAxes() == ArrayRef<int64_t>{int64_t(broadcast.getShape().size()) - 1});
  });
}

/// The extent of the last axis of what a group sums; 0 where it has none.
int64_t channelsOf(const FusionGroup &group) {
  for (Operation *op : group.getOps())
    if (auto sum = dyn_cast<BatchSumOp>(op))
      if (exampleRank(sum.getInput().getType()) > 0)
        return exampleShape(sum.getInput().getType()).back();
  return 0;
}

} // namespace

bool mlir::advx::isTooLarge(const FusionGroup &a, const FusionGroup &b) {
  return a.size() + b.size() > (a.batched || b.batched ? mostOps : mostUpdateOps);
}

SmallVector<Value> mlir::advx::inputsOf(const FusionGroup &group) {
  llvm::SetVector<Value> inputs;
  auto collect = [&](Value value, auto &self) -> void {
    Operation *op = value.getDefiningOp();
    if (op && group.contains(op))
      return;
    if (!op || roleOf(op) != FusionRole::free) {
      inputs.insert(value);
      return;
    }
    for (Value operand : op->getOperands())
      self(operand, self);
  };
  for (Operation *op : group.getOps())
    for (Value operand : op->getOperands())
      collect(operand, collect);
  return inputs.takeVector();
}

bool mlir::advx::hasBatchedOutput(const FusionGroup &group) {
  for (Operation *op : group.getOps()) {
    if (!llvm::any_of(op->getResultTypes(), isBatched))
      continue;
    bool outside = false;
    forEachReader(op, [&](Operation *reader) { outside |= !group.contains(reader); });
    if (outside)
      return true;
  }
  return false;
}

Refusal mlir::advx::refuseVertical(const FusionGroup &producer, const FusionGroup &consumer,
                                   const FusionRules &rules) {
  if (isTooLarge(producer, consumer))
    return tooLarge;
  if (producer.update != consumer.update)
    return "one only makes new state: all updates of a step are one kernel";
  if (!producer.batched && consumer.batched)
    return "what does not depend on the example is computed once, not in every row";
  if (producer.batched && !consumer.batched) {
    auto belongs = [&](Operation *op) {
      return exampleRank(op->getResult(0).getType()) == 0 || rules.feedsBatch(op);
    };
    if (!llvm::all_of(consumer.getOps(), belongs))
      return "what follows a sum over the batch and is not needed by the batch again is an update";
  }
  if (needsSeveralPasses(producer, consumer))
    return sumsFirst;
  return {};
}

Refusal mlir::advx::refuseHorizontal(const FusionGroup &a, const FusionGroup &b) {
  if (a.batched != b.batched || a.update != b.update || a.channel || b.channel)
    return "their axes differ";
  if (isTooLarge(a, b))
    return tooLarge;
  if (a.batched && !sharesWideInput(a, b))
    return "they read different tensors";
  if (!a.batched && !a.update)
    for (const FusionGroup *group : {&a, &b})
      if (llvm::any_of(group->getOps(), reduces))
        return "one reduces over a parameter";
  if (needsSeveralPasses(a, b))
    return sumsFirst;
  return {};
}

Refusal mlir::advx::refuseChannel(const FusionGroup &producer, const FusionGroup &consumer) {
  int64_t channels = channelsOf(producer);
  if (!producer.batched || !consumer.batched || channels == 0)
    return "there is no sum over the batch";
  if (isTooLarge(producer, consumer))
    return tooLarge;
  SmallVector<Operation *> ops = opsOfBoth(producer, consumer);
  if (hasBatchedOutput(consumer))
    return sumsFirst;
  FusionGroup both(ops);
  if (hasBatchedOutput(both))
    return "a value of every example leaves the sums";
  if (!llvm::all_of(ops, [&](Operation *op) { return isChannelwise(op, channels); }))
    return "the channels cannot be summed each for itself";
  if (!sharesWideInput(producer, consumer))
    return "they read different tensors";
  return {};
}
