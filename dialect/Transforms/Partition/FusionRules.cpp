//===- FusionRules.cpp - What an op is to the partition --------------------===//

#include "dialect/Transforms/Partition/FusionRules.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::advx;

namespace {

/// One number that does not depend on the example.
bool isScalar(Type type) {
  return isa<RankedTensorType>(type) && !isBatched(type) && exampleRank(type) == 0;
}

/// Ops that computing a number of the host may take, since every reader has a copy of them.
constexpr unsigned mostHostOps = 16;

/// An elementwise op on numbers that are known before the step runs. Counts what it takes.
bool isHostNumber(Operation *op, unsigned &ops) {
  if (++ops > mostHostOps || !isScalar(op->getResult(0).getType()))
    return false;
  if (isa<ConstantOp, SplatOp>(op))
    return true;
  return isa<ElementwiseOpInterface>(op) && llvm::all_of(op->getOperands(), [&](Value operand) {
           Operation *producer = operand.getDefiningOp();
           return producer && isHostNumber(producer, ops);
         });
}

bool isHostNumber(Operation *op) {
  unsigned ops = 0;
  return isHostNumber(op, ops);
}

} // namespace

FusionRole mlir::advx::roleOf(Operation *op) {
  if (!isa<AdvxDialect>(op->getDialect()) || op->getNumResults() == 0)
    return FusionRole::host;
  auto tensor = dyn_cast<TensorOpInterface>(op);
  if (!tensor) // a kernel made before, or a number
    return isa<TensorType>(op->getResult(0).getType()) ? FusionRole::library : FusionRole::host;
  FusionRole role = tensor.getFusionRole();
  return role == FusionRole::fusible && isHostNumber(op) ? FusionRole::free : role;
}

bool mlir::advx::reduces(Operation *op) { return reductionKindOf(op) != ReductionKind::none; }

bool mlir::advx::isWide(Value value) {
  return isBatched(value.getType()) && exampleElements(value.getType()) > 1;
}

bool mlir::advx::isBatchedOp(Operation *op) {
  return isa<BatchSumOp>(op) || llvm::any_of(op->getResultTypes(), isBatched);
}

void mlir::advx::forEachReader(Operation *op, llvm::function_ref<void(Operation *)> visit) {
  for (Operation *user : op->getUsers()) {
    if (user->getBlock() == op->getBlock() && roleOf(user) == FusionRole::free)
      forEachReader(user, visit);
    else
      visit(user);
  }
}

FusionRules::FusionRules(Operation *function) {
  findUpdates(function);
  findFeeding(function);
}

FusionRole FusionRules::role(Operation *op) const {
  FusionRole role = roleOf(op);
  // A reshape is another name of its operand, and a host number is smaller than a call.
  if (role == FusionRole::free && !isa<ReshapeOp>(op) && !isHostNumber(op) && leavesClusters(op))
    return FusionRole::fusible;
  return role;
}

bool FusionRules::leavesClusters(Operation *op) const {
  return llvm::any_of(op->getUsers(), [&](Operation *user) {
    if (user->getBlock() != op->getBlock())
      return true; // a loop's clusters, formed first, have copies of what they could copy
    if (isa<ReshapeOp>(user))
      return leavesClusters(user);
    FusionRole role = roleOf(user);
    return role == FusionRole::library || role == FusionRole::host;
  });
}

void FusionRules::findUpdates(Operation *function) {
  // Users before what they use.
  auto endsInState = [&](Operation *op) {
    if (op->use_empty())
      return false;
    return llvm::all_of(op->getUses(), [&](OpOperand &use) {
      Operation *user = use.getOwner();
      if (user->hasTrait<OpTrait::ReturnLike>() && user->getParentOp() == function) {
        auto results = function->getAttrOfType<ArrayAttr>("res_attrs");
        return results &&
               cast<DictionaryAttr>(results[use.getOperandNumber()]).contains("advx.state");
      }
      return updates.contains(user);
    });
  };
  for (Operation &op : llvm::reverse(function->getRegion(0).front()))
    if (isa<ElementwiseOpInterface, BroadcastOp, ReshapeOp>(op) && !isBatchedOp(&op) &&
        endsInState(&op))
      updates.insert(&op);
}

void FusionRules::findFeeding(Operation *function) {
  SmallVector<Operation *> ops;
  function->walk([&](Operation *op) { ops.push_back(op); });
  auto isTensorOp = [](Operation *op) {
    return isa<AdvxDialect>(op->getDialect()) && op->getNumResults() > 0;
  };
  // Users before what they use.
  for (Operation *op : llvm::reverse(ops))
    if (isTensorOp(op) && !isBatchedOp(op))
      for (Operation *user : op->getUsers())
        if (feeding.contains(user) || (isTensorOp(user) && isBatchedOp(user)))
          feeding.insert(op);
}
