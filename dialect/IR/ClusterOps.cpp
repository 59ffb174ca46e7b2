//===- ClusterOps.cpp - What a cluster may hold -----------------------------===//

#include "dialect/IR/AdvxOps.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::advx;

LogicalResult ClusterOp::verifyRegions() {
  Block &block = getBody().front();
  if (block.getArgumentTypes() != getInputs().getTypes())
    return emitOpError("has arguments of other types than its operands");
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getValues().getTypes() != getOutputs().getTypes())
    return emitOpError("must yield values of its results' types");
  bool batched = false;
  for (Operation &op : block.without_terminator()) {
    if (op.getNumRegions() || !isPure(&op))
      return op.emitOpError("has no place in a cluster");
    for (Type type : op.getResultTypes())
      batched |= isBatched(type);
  }
  if (batched && getKernel() == KernelTemplate::full)
    return emitOpError("is full, but a value in it has a batch axis");
  if (getKernel() == KernelTemplate::channel && llvm::any_of(getOutputs().getTypes(), isBatched))
    return emitOpError("reduces over the batch, but a result has a batch axis");
  return success();
}

/// An elementwise cluster reads all of its operands at an element before it writes there, so all
/// that matters is that nothing but that element is read: on the way from the operand to the
/// results elements keep their places.
bool ClusterOp::mayOverwrite(unsigned result, unsigned operand) {
  if (getKernel() != KernelTemplate::elementwise ||
      getInputs()[operand].getType() != getOutputs()[result].getType())
    return false;
  llvm::SetVector<Value> reached;
  reached.insert(getBody().getArgument(operand));
  for (unsigned i = 0; i < reached.size(); ++i)
    for (Operation *user : reached[i].getUsers()) {
      if (isa<YieldOp>(user))
        continue;
      if (!isa<ElementwiseOpInterface, ReshapeOp>(user))
        return false;
      reached.insert(user->result_begin(), user->result_end());
    }
  return reached.contains(getYield()->getOperand(result));
}
