//===- ProblemOps.cpp - What the problem tier refuses ----------------------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/StepAttributes.h"

using namespace mlir;
using namespace mlir::advx;

/// The operands of the region's `yield`, or null if it ends otherwise.
static YieldOp yieldOf(Region &region) {
  if (region.empty() || region.front().empty())
    return nullptr;
  return dyn_cast<YieldOp>(region.front().back());
}

/// Checks that `region` yields `count` values; names the region in the error.
static LogicalResult verifyYields(Operation *op, Region &region, StringRef name, unsigned count) {
  YieldOp yield = yieldOf(region);
  if (!yield || yield.getNumOperands() != count)
    return op->emitOpError() << "region '" << name << "' must yield " << count
                             << (count == 1 ? " value" : " values");
  return success();
}

/// Checks that value `index` of the region's yields is a scalar: i1 with `boolean`, float
/// without; either where that is not given.
static LogicalResult verifyScalarAt(Operation *op, Region &region, StringRef name, unsigned index,
                                    std::optional<bool> boolean) {
  Type type = yieldOf(region).getOperand(index).getType();
  auto tensor = dyn_cast<RankedTensorType>(type);
  bool isBoolean = tensor && tensor.getElementType().isInteger(1);
  bool isFloat = tensor && isa<FloatType>(tensor.getElementType());
  bool elementFits = boolean.value_or(isBoolean) ? isBoolean : isFloat;
  if (!elementFits || tensor.getRank() != 0)
    return op->emitOpError() << "region '" << name << "' must yield one "
                             << (!boolean   ? "float or i1"
                                 : *boolean ? "i1"
                                            : "float")
                             << " scalar per example, found " << type;
  return success();
}

static LogicalResult verifyScalar(Operation *op, Region &region, StringRef name, bool boolean) {
  if (failed(verifyYields(op, region, name, 1)))
    return failure();
  return verifyScalarAt(op, region, name, 0, boolean);
}

LogicalResult ClockOp::verify() {
  if (!llvm::is_contained({"epoch", "iteration", "epochs", "iterations"}, getHand()))
    return emitOpError() << "hand '" << getHand()
                         << "' is none of epoch, iteration, epochs, iterations";
  return success();
}

LogicalResult NetworkOp::verifyRegions() {
  if (getForward().getNumArguments() != 1)
    return emitOpError() << "a network has one argument, x";
  return verifyYields(*this, getForward(), "forward", 1);
}

LogicalResult HeadOp::verifyRegions() {
  if (getBody().getNumArguments() < 2)
    return emitOpError() << "a head has the arguments z, its numbers, y";
  if (failed(verifyYields(*this, getBody(), "body", 2)))
    return failure();
  YieldOp yield = yieldOf(getBody());
  if (yield.getOperand(0).getType() != yield.getOperand(1).getType())
    return emitOpError() << "logits are " << yield.getOperand(0).getType()
                         << " but logits given y are " << yield.getOperand(1).getType();
  return success();
}

LogicalResult DrawOp::verify() {
  if (getDistribution() != "uniform" && getDistribution() != "normal")
    return emitOpError() << "distribution '" << getDistribution()
                         << "' is neither uniform nor normal";
  return success();
}

LogicalResult AdversaryOp::verifyRegions() {
  if (failed(verifyScalar(*this, getObjective(), "objective", /*boolean=*/false)))
    return failure();
  if (!getUntil().empty() && failed(verifyScalar(*this, getUntil(), "until", /*boolean=*/true)))
    return failure();
  if (failed(verifyYields(*this, getSolver(), "solver", 1)))
    return failure();
  if (yieldOf(getMember()).getNumOperands() == 0)
    return emitOpError() << "region 'member' must yield a projection for each part of the set";
  Type candidate = getObjective().getArguments().back().getType();
  Type returned = yieldOf(getSolver()).getOperand(0).getType();
  if (candidate != returned)
    return emitOpError() << "the solver returns " << returned << " but the objective is of "
                         << candidate;
  return success();
}

LogicalResult MinimizeOp::verifyRegions() {
  // After the loss, a scalar for each name that `advx.measures` lists: the step gives the batch
  // mean of each as an output of that name.
  auto names = (*this)->getAttrOfType<ArrayAttr>(kMeasuresAttr);
  unsigned measures = names ? names.size() : 0;
  if (failed(verifyYields(*this, getLoss(), "loss", 1 + measures)) ||
      failed(verifyScalarAt(*this, getLoss(), "loss", 0, /*boolean=*/false)))
    return failure();
  for (unsigned i = 1; i <= measures; ++i)
    if (failed(verifyScalarAt(*this, getLoss(), "loss", i, /*boolean=*/std::nullopt)))
      return failure();
  unsigned states = getStates().size();
  if (getUpdate().getNumArguments() != states + 2)
    return emitOpError() << "region 'update' must have the arguments weight, gradient and "
                         << states << " states";
  return verifyYields(*this, getUpdate(), "update", states + 1);
}
