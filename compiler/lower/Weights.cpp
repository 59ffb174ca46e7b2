//===- Weights.cpp - Weights, and models at them ----------------------------===//

#include "compiler/lower/BodyBuilder.h"
#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/StepAttributes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
namespace ops = mlir::advx;

namespace advx::lower {

Value BodyBuilder::weights(const sema::Model *model, Location where) {
  Value &known = modelWeights[model];
  if (!known) {
    // Where all of the region sees them, loops and what follows.
    Block *block = builder.getInsertionBlock();
    while (isa<scf::ForOp>(block->getParentOp()))
      block = block->getParentOp()->getBlock();
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(block);
    auto network = FlatSymbolRefAttr::get(builder.getContext(), model->name);
    known = builder.create<ops::WeightsOp>(
        where, ops::WeightsType::get(builder.getContext(), network), network);
  }
  return known;
}

Value BodyBuilder::weight(Value weights, const sema::Leaf &leaf, Location where) {
  auto type = RankedTensorType::get(leaf.shape, floatType);
  return builder.create<ops::WeightOp>(where, type, weights, leaf.name);
}

Value BodyBuilder::bundle(const sema::WeightGroup &group, Location where,
                          llvm::function_ref<Value(const sema::Leaf &, RankedTensorType)> tensor) {
  SmallVector<Attribute> leaves;
  SmallVector<Value> tensors;
  for (const sema::Leaf *leaf : group.leaves) {
    leaves.push_back(FlatSymbolRefAttr::get(builder.getContext(), leaf->name));
    tensors.push_back(tensor(*leaf, RankedTensorType::get(leaf->shape, floatType)));
  }
  Value own = weights(group.model, where);
  return builder.create<ops::WithWeightsOp>(where, own.getType(), own, builder.getArrayAttr(leaves),
                                            tensors);
}

Value BodyBuilder::features(const sema::Expr &e) {
  Location where = location(e.span);
  auto mode = e.mode == sema::Mode::Eval    ? ops::ModelMode::eval
              : e.mode == sema::Mode::Batch ? ops::ModelMode::batch
                                            : ops::ModelMode::train;
  Value at = weights(e.model, where);
  if (e.args.size() > 1) {
    // The others as they are, whatever the value carries for them.
    Value given = expr(*e.args[1]);
    at = bundle(*e.args[1]->type.group, where,
                [&](const sema::Leaf &leaf, Type) { return weight(given, leaf, where); });
  }
  return builder.create<ops::ApplyOp>(where, type(e.type), e.model->name, at, expr(*e.args[0]),
                                      mode, e.occurrence);
}

Value BodyBuilder::weightSum(const sema::Expr &e) {
  auto sum = builder.create<ops::BatchSumOp>(location(e.span), tensorExpr(*e.args[0]));
  sum->setAttr(ops::kOverWeightsAttr, builder.getUnitAttr());
  return sum;
}

Value BodyBuilder::gradient(const sema::Expr &e) {
  Location where = location(e.span);
  Value objective = tensorExpr(*e.args[0]);
  Value by = values.lookup(e.local);
  if (!e.type.isWeights())
    return builder
        .create<ops::GradientOp>(where, TypeRange{by.getType()}, objective, ValueRange{by})
        .getResult(0);
  SmallVector<Value> tensors;
  for (const sema::Leaf *leaf : e.type.group->leaves)
    tensors.push_back(weight(by, *leaf, where));
  auto gradients =
      builder.create<ops::GradientOp>(where, ValueRange(tensors).getTypes(), objective, tensors);
  unsigned next = 0;
  return bundle(*e.type.group, where,
                [&](const sema::Leaf &, Type) -> Value { return gradients.getResult(next++); });
}

} // namespace advx::lower
