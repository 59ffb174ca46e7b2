//===- CompositeOps.cpp - Inference ------------------------------------------===//

#include "dialect/IR/AdvxOps.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::advx;

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return requireExampleRank({getOperationName(), location}, "the operand", types[0], 1);
}

LogicalResult LogSoftmaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return requireExampleRank({getOperationName(), location}, "the operand", types[0], 1);
}

LogicalResult LogSumExpOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type input = adaptor.getInput().getType();
  if (failed(requireExampleRank({getOperationName(), location}, "the operand", input, 1)))
    return failure();
  types.push_back(tensorType({}, getElementTypeOrSelf(input), isBatched(input)));
  return success();
}

LogicalResult NormOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  Type input = adaptor.getInput().getType();
  types.push_back(tensorType({}, getElementTypeOrSelf(input), isBatched(input)));
  return success();
}

LogicalResult NormalizeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type input = adaptor.getInput().getType();
  int64_t axis = adaptor.getAxis();
  types.push_back(input);
  if (axis == -1)
    return success();
  return requireAxis(op, "the operand", input, axis);
}

LogicalResult BatchNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type input = adaptor.getInput().getType();
  if (failed(requireRanked(op, "the operand", input)))
    return failure();
  if (exampleRank(input) == 0)
    return op.error("the operand has type ", input, ", but needs a channel axis");
  auto channels = [&](Type element) {
    return tensorType(exampleShape(input).take_front(), element, false);
  };
  Type scale = channels(getElementTypeOrSelf(input));
  // The statistics are state, of one float type that need not be the operand's.
  Type statistics = channels(getElementTypeOrSelf(adaptor.getRunningMean().getType()));
  struct {
    StringRef name;
    Type found, expected;
  } const operands[] = {{"gamma", adaptor.getGamma().getType(), scale},
                        {"beta", adaptor.getBeta().getType(), scale},
                        {"running_mean", adaptor.getRunningMean().getType(), statistics},
                        {"running_var", adaptor.getRunningVar().getType(), statistics}};
  for (const auto &[name, found, expected] : operands)
    if (found != expected)
      return op.error(name, " has type ", found, ", but the operand's channels ask for ", expected,
                      castHint(found, expected));
  types.append({input, statistics, statistics});
  return success();
}

LogicalResult DropoutOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type input = adaptor.getInput().getType(), index = adaptor.getIndex().getType();
  if (failed(requireRanked(op, "the operand", input)) ||
      failed(requireExampleRank(op, "the index", index, 0)))
    return failure();
  types.push_back(tensorType(exampleShape(input), getElementTypeOrSelf(input),
                             isBatched(input) || isBatched(index)));
  return success();
}
