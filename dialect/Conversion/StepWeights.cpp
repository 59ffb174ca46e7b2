//===- StepWeights.cpp - Weights as the tensors of a step ------------------===//

#include "dialect/Conversion/StepWeights.h"

namespace mlir::advx {

Value StepWeights::of(WeightsOp op) {
  Value &known = found[op.getNetworkAttr()];
  if (!known) {
    Operation *inside = builder.getInsertionBlock()->getParentOp();
    auto function = dyn_cast<func::FuncOp>(inside);
    if (!function)
      function = inside->getParentOfType<func::FuncOp>();
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&function.getBody().front());
    known = builder.create<WeightsOp>(op.getLoc(), op.getType(), op.getNetworkAttr());
  }
  return known;
}

Value StepWeights::tensor(Value weights, FlatSymbolRefAttr leaf) const {
  while (auto with = weights.getDefiningOp<WithWeightsOp>()) {
    for (auto [name, value] : llvm::zip(with.getLeaves(), with.getValues()))
      if (name == leaf)
        return value;
    weights = with.getWeights();
  }
  // Nothing changes a weight before the step's update.
  return leaves.lookup(leaf.getAttr());
}

ArrayRef<Attribute> StepWeights::leavesOf(Value weights) {
  auto network = cast<WeightsType>(weights.getType()).getNetwork();
  auto [entry, isNew] = networkLeaves.try_emplace(network);
  if (isNew)
    for (LeafOp leaf : ProgramOp::of(experiment->getParentOfType<ModuleOp>()).all<LeafOp>())
      if (leaf.getNetworkAttr() == network.getAttr())
        entry->second.push_back(FlatSymbolRefAttr::get(leaf.getSymNameAttr()));
  return entry->second;
}

SmallVector<Value> StepWeights::tensors(Value weights) {
  SmallVector<Value> values;
  for (Attribute leaf : leavesOf(weights))
    values.push_back(tensor(weights, cast<FlatSymbolRefAttr>(leaf)));
  return values;
}

bool StepWeights::areOwn(Value weights) {
  return llvm::all_of(leavesOf(weights), [&](Attribute leaf) {
    auto name = cast<FlatSymbolRefAttr>(leaf);
    return tensor(weights, name) == leaves.lookup(name.getAttr());
  });
}

Value StepWeights::with(Value weights, ValueRange tensors, Location loc) {
  return builder.create<WithWeightsOp>(loc, weights.getType(), weights,
                                       builder.getArrayAttr(leavesOf(weights)), tensors);
}

void StepWeights::erase(func::FuncOp function) {
  SmallVector<Operation *> weights;
  function.walk([&](Operation *op) {
    if (isa<WeightsOp, WithWeightsOp>(op))
      weights.push_back(op);
  });
  for (Operation *op : llvm::reverse(weights))
    op->erase();
}

} // namespace mlir::advx
