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

/// Whether the region's first argument is the weights of the network.
static bool hasWeights(Region &region, StringAttr network) {
  auto type = region.getNumArguments() ? dyn_cast<WeightsType>(region.getArgument(0).getType())
                                       : WeightsType();
  return type && type.getNetwork().getAttr() == network;
}

/// The leaf of that name in the module's `advx.program`, or null.
static LeafOp leafOf(Operation *op, FlatSymbolRefAttr leaf, SymbolTableCollection &symbols) {
  ProgramOp program = ProgramOp::of(op->getParentOfType<ModuleOp>());
  return program ? symbols.lookupSymbolIn<LeafOp>(program, leaf.getAttr()) : LeafOp();
}

/// The type of the leaf, or of a row of the table, of that name; null where there is none.
static Type stateTypeOf(Operation *op, FlatSymbolRefAttr name, SymbolTableCollection &symbols) {
  if (LeafOp leaf = leafOf(op, name, symbols))
    return leaf.getType();
  ProgramOp program = ProgramOp::of(op->getParentOfType<ModuleOp>());
  auto table = program ? symbols.lookupSymbolIn<TableOp>(program, name.getAttr()) : TableOp();
  return table ? table.getType() : Type();
}

/// Checks that `leaf` is a weight of the network of that type.
static LogicalResult verifyWeight(Operation *op, FlatSymbolRefAttr leaf, WeightsType weights,
                                  Type type, SymbolTableCollection &symbols) {
  LeafOp declared = leafOf(op, leaf, symbols);
  if (!declared || declared.getNetworkAttr() != weights.getNetwork().getAttr())
    return op->emitOpError() << leaf << " is no weight of " << weights.getNetwork();
  if (declared.getType() != type)
    return op->emitOpError() << leaf << " is " << declared.getType() << ", not " << type;
  return success();
}

LogicalResult LeafValueOp::verifySymbolUses(SymbolTableCollection &symbols) {
  Type type = stateTypeOf(*this, getLeafAttr(), symbols);
  if (!type)
    return emitOpError() << getLeafAttr() << " is no leaf";
  if (type != getType())
    return emitOpError() << getLeafAttr() << " is " << type << ", not " << getType();
  return success();
}

LogicalResult WeightsOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (!symbols.lookupNearestSymbolFrom<NetworkOp>(*this, getNetworkAttr()))
    return emitOpError() << getNetworkAttr() << " is no network";
  if (getType().getNetwork() != getNetworkAttr())
    return emitOpError() << "weights of " << getNetworkAttr() << " are not " << getType();
  return success();
}

LogicalResult WeightOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyWeight(*this, getLeafAttr(), getWeights().getType(), getType(), symbols);
}

LogicalResult WithWeightsOp::verify() {
  if (getLeaves().size() != getValues().size())
    return emitOpError() << "names " << getLeaves().size() << " leaves for " << getValues().size()
                         << " tensors";
  return success();
}

LogicalResult WithWeightsOp::verifySymbolUses(SymbolTableCollection &symbols) {
  for (auto [leaf, value] : llvm::zip(getLeaves().getAsRange<FlatSymbolRefAttr>(), getValues()))
    if (failed(verifyWeight(*this, leaf, getWeights().getType(), value.getType(), symbols)))
      return failure();
  return success();
}

LogicalResult NetworkOp::verifyRegions() {
  if (getForward().getNumArguments() != 2 || !hasWeights(getForward(), getSymNameAttr()))
    return emitOpError() << "a network has two arguments, its weights and x";
  return verifyYields(*this, getForward(), "forward", 1);
}

LogicalResult ApplyOp::verify() {
  if (getWeights().getType().getNetwork() != getNetworkAttr())
    return emitOpError() << getNetworkAttr() << " has no place for " << getWeights().getType();
  return success();
}

LogicalResult HeadOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (!symbols.lookupNearestSymbolFrom<NetworkOp>(*this, getNetworkAttr()))
    return emitOpError() << getNetworkAttr() << " is no network";
  return success();
}

LogicalResult LogitsOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto head = symbols.lookupNearestSymbolFrom<HeadOp>(*this, getHeadAttr());
  if (!head)
    return emitOpError() << getHeadAttr() << " is no head";
  if (head.getNetworkAttr() != getWeights().getType().getNetwork())
    return emitOpError() << getHeadAttr() << " is on " << head.getNetworkAttr()
                         << " and has no place for " << getWeights().getType();
  return success();
}

LogicalResult HeadOp::verifyRegions() {
  if (getBody().getNumArguments() < 3 || !hasWeights(getBody(), getNetworkAttr().getAttr()))
    return emitOpError() << "a head has the arguments weights, z, its numbers, y";
  if (failed(verifyYields(*this, getBody(), "body", 2)))
    return failure();
  YieldOp yield = yieldOf(getBody());
  if (yield.getOperand(0).getType() != yield.getOperand(1).getType())
    return emitOpError() << "logits are " << yield.getOperand(0).getType()
                         << " but logits given y are " << yield.getOperand(1).getType();
  return success();
}

LogicalResult DrawOp::verify() {
  if (!llvm::is_contained({"uniform", "normal", "beta"}, getDistribution()))
    return emitOpError() << "distribution '" << getDistribution()
                         << "' is none of uniform, normal, beta";
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
  if (isa<WeightsType>(candidate) && !getJudge().empty())
    return emitOpError() << "an evaluation attacks images, not weights";
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
  unsigned also = getAlso() ? getAlso()->size() : 0;
  unsigned then = getThen() ? getThen()->size() : 0;
  if (failed(verifyYields(*this, getLoss(), "loss", 1 + measures + also)) ||
      failed(verifyScalarAt(*this, getLoss(), "loss", 0, /*boolean=*/false)))
    return failure();
  for (unsigned i = 1; i <= measures; ++i)
    if (failed(verifyScalarAt(*this, getLoss(), "loss", i, /*boolean=*/std::nullopt)))
      return failure();
  unsigned states = getStates().size();
  if (getUpdate().getNumArguments() != states + 2)
    return emitOpError() << "region 'update' must have the arguments weight, gradient and "
                         << states << " states";
  if (failed(verifyYields(*this, getUpdate(), "update", states + 1)))
    return failure();
  if (getAfter().empty())
    return then ? emitOpError() << "region 'after' must yield " << then << " values" : success();
  return verifyYields(*this, getAfter(), "after", then);
}

LogicalResult StopOp::verifyRegions() {
  if (getCondition().getNumArguments() != getMeasured().size())
    return emitOpError() << "has an argument for each of the " << getMeasured().size()
                         << " accuracies that it names";
  return verifyScalar(*this, getCondition(), "condition", /*boolean=*/true);
}
