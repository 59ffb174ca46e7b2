#ifndef ADVX_DIALECT_CONVERSION_STEPWEIGHTS_H
#define ADVX_DIALECT_CONVERSION_STEPWEIGHTS_H

//===- StepWeights.h - Weights as the tensors of a step ---------*- C++ -*-===//

#include "dialect/IR/AdvxOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::advx {

/// The values of type `!advx.weights` of a function under construction. They are made by
/// `advx.weights` and `advx.with_weights` only, so the tensors of each are known, and once all are
/// read nothing needs them.
class StepWeights {
public:
  /// `leaves` holds the tensor of each leaf.
  StepWeights(ExperimentOp experiment, OpBuilder &builder,
              const llvm::MapVector<StringAttr, Value> &leaves)
      : experiment(experiment), builder(builder), leaves(leaves) {}

  /// The weights of a network as the step found them: one value a function.
  Value of(WeightsOp op);
  Value tensor(Value weights, FlatSymbolRefAttr leaf) const;
  /// All tensors, in the order of the leaves.
  SmallVector<Value> tensors(Value weights);
  /// Whether all tensors are those that the step found.
  bool areOwn(Value weights);
  /// The weights with other tensors, listed as `tensors` does.
  Value with(Value weights, ValueRange tensors, Location loc);

  /// The names of the leaves, each a FlatSymbolRefAttr.
  ArrayRef<Attribute> leavesOf(Value weights);
  /// Erases the weights in the function.
  static void erase(func::FuncOp function);

private:
  ExperimentOp experiment;
  OpBuilder &builder;
  const llvm::MapVector<StringAttr, Value> &leaves;
  DenseMap<Attribute, Value> found;                          ///< by network
  DenseMap<Attribute, SmallVector<Attribute>> networkLeaves; ///< by network
};

} // namespace mlir::advx

#endif // ADVX_DIALECT_CONVERSION_STEPWEIGHTS_H
