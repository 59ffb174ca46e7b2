//===- ClusterBuilder.cpp - From a group of ops to a cluster ---------------===//

#include "dialect/Transforms/Partition/ClusterBuilder.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

#include <map>

using namespace mlir;
using namespace mlir::advx;

namespace {

/// The named axes of a cluster, in the order of first use.
class Axes {
public:
  void add(const Twine &name, bool reduced) {
    auto [entry, isNew] = index.try_emplace(name.str(), axes.size());
    if (isNew)
      axes.push_back({name.str(), reduced});
    axes[entry->second].second |= reduced;
  }

  SmallVector<std::string> print() const {
    SmallVector<std::string> result;
    for (const auto &[name, reduced] : axes)
      result.push_back(name + (reduced ? " reduced" : ""));
    return result;
  }

private:
  std::map<std::string, size_t> index;
  SmallVector<std::pair<std::string, bool>> axes;
};

/// Whether axis 0 of this length is that of the classes: a label or an argmax speaks of it.
llvm::DenseSet<int64_t> classCounts(ArrayRef<Operation *> ops) {
  llvm::DenseSet<int64_t> counts;
  for (Operation *op : ops) {
    if (auto label = dyn_cast<OneHotOp>(op))
      counts.insert(label.getClasses());
    if (reductionKindOf(op) == ReductionKind::place &&
        exampleRank(op->getOperand(0).getType()) == 1)
      counts.insert(exampleShape(op->getOperand(0).getType())[0]);
  }
  return counts;
}

/// Names the axes of one tensor; `reduced` are those that the reader reduces.
void addAxes(Axes &axes, Type type, ArrayRef<int64_t> reduced,
             const llvm::DenseSet<int64_t> &classes) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return;
  ArrayRef<int64_t> shape = exampleShape(tensor);
  auto isReduced = [&](int64_t axis) { return llvm::is_contained(reduced, axis); };
  auto size = [&](int64_t axis) { return Twine(shape[axis]).str(); };
  if (!isBatched(tensor)) {
    for (int64_t axis = 0; axis < int64_t(shape.size()); ++axis)
      axes.add("parameter " + size(axis), isReduced(axis));
    return;
  }
  axes.add("batch", false);
  if (shape.size() == 1)
    axes.add((classes.contains(shape[0]) ? "class " : "feature ") + size(0), isReduced(0));
  for (int64_t axis = 0; shape.size() > 1 && axis < int64_t(shape.size()); ++axis)
    axes.add("image " + size(axis), isReduced(axis));
}

Axes axesOf(ArrayRef<Operation *> ops) {
  Axes axes;
  llvm::DenseSet<int64_t> classes = classCounts(ops);
  for (Operation *op : ops) {
    for (Type type : op->getResultTypes())
      addAxes(axes, type, {}, classes);
    if (!reduces(op))
      continue;
    auto reduction = cast<TensorOpInterface>(op);
    if (reduction.getReductionKind() == ReductionKind::batch) {
      axes.add("batch", true);
      continue;
    }
    // A matrix that all examples are multiplied with is a parameter, no axis of the kernel.
    for (OpOperand &operand : op->getOpOperands()) {
      Type type = operand.get().getType();
      if (isBatched(type) == isBatched(op->getResult(0).getType()))
        addAxes(axes, type, reduction.getReducedAxes(operand.getOperandNumber()), classes);
    }
  }
  return axes;
}

KernelTemplate templateOf(const FusionGroup &group, ArrayRef<Value> outputs) {
  if (group.channel)
    return KernelTemplate::channel;
  bool reducing = llvm::any_of(group.getOps(), reduces);
  bool batched = llvm::any_of(group.getOps(), isBatchedOp);
  if (!batched)
    return reducing ? KernelTemplate::full : KernelTemplate::elementwise;
  auto differs = [&](Value output) {
    return isBatched(output.getType()) != isBatched(outputs[0].getType()) ||
           exampleElements(output.getType()) != exampleElements(outputs[0].getType());
  };
  return reducing || llvm::any_of(outputs, differs) ? KernelTemplate::row
                                                    : KernelTemplate::elementwise;
}

} // namespace

ClusterOp mlir::advx::buildCluster(const FusionGroup &group) {
  llvm::SetVector<Value> read, left;
  SmallVector<Location> locations;
  for (Operation *op : group.getOps()) {
    locations.push_back(op->getLoc());
    for (Value operand : op->getOperands())
      if (!operand.getDefiningOp() || !group.contains(operand.getDefiningOp()))
        read.insert(operand);
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) { return !group.contains(user); }))
        left.insert(result);
  }
  SmallVector<Value> inputs = read.takeVector(), outputs = left.takeVector();
  Operation *last = group.getOps().back();
  OpBuilder builder(last->getContext());
  builder.setInsertionPointAfter(last);
  SmallVector<std::string> names = axesOf(group.getOps()).print();
  SmallVector<StringRef> nameRefs(names.begin(), names.end());
  auto cluster = builder.create<ClusterOp>(
      builder.getFusedLoc(locations), TypeRange(ValueRange(outputs)), templateOf(group, outputs),
      builder.getStrArrayAttr(nameRefs), inputs);
  Block &body = cluster.getBody().emplaceBlock();
  for (Value input : inputs)
    body.addArgument(input.getType(), input.getLoc());
  for (auto [output, result] : llvm::zip(outputs, cluster.getOutputs()))
    output.replaceUsesWithIf(result,
                             [&](OpOperand &use) { return !group.contains(use.getOwner()); });
  for (Operation *op : group.getOps())
    op->moveBefore(&body, body.end());
  llvm::DenseMap<Value, Value> arguments;
  for (auto [input, argument] : llvm::zip(inputs, body.getArguments()))
    arguments[input] = argument;
  for (Operation &op : body)
    for (OpOperand &operand : op.getOpOperands())
      if (Value argument = arguments.lookup(operand.get()))
        operand.set(argument);
  builder.setInsertionPointToEnd(&body);
  builder.create<YieldOp>(cluster.getLoc(), outputs);
  return cluster;
}
