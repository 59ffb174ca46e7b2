//===- GradientOps.cpp - Inference and folders -------------------------------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/StepAttributes.h"

using namespace mlir;
using namespace mlir::advx;

LogicalResult GradientOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                           Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  if (failed(requireExampleRank(op, "the objective", adaptor.getObjective().getType(), 0)))
    return failure();
  if (adaptor.getWrt().empty())
    return op.error("names no value to differentiate by");
  llvm::append_range(types, adaptor.getWrt().getTypes());
  return success();
}

LogicalResult StopGradientOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                               Adaptor adaptor, SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

OpFoldResult StopGradientOp::fold(FoldAdaptor) {
  Operation *inner = getInput().getDefiningOp();
  if (!(*this)->hasAttr(kPointAttr) &&
      isa_and_nonnull<StopGradientOp, ConstantOp, ConstantListOp, SplatOp>(inner))
    return getInput();
  return {};
}
