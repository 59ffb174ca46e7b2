//===- ExampleOps.cpp - The examples of a batch in another order -----------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/VjpBuilder.h"

using namespace mlir;
using namespace mlir::advx;

LogicalResult OrderExamplesOp::inferReturnTypes(MLIRContext *context,
                                                std::optional<Location> location, Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  InferringOp op{getOperationName(), location};
  Type key = adaptor.getKey().getType();
  if (failed(requireExampleRank(op, "the key", key, 0)))
    return failure();
  types.push_back(tensorType({}, IntegerType::get(context, 64), isBatched(key)));
  return success();
}

/// Example and place: both have a batch axis, or, at the problem tier, neither.
static LogicalResult inferMoved(InferringOp op, Type input, Type place,
                                SmallVectorImpl<Type> &types) {
  if (failed(requireRanked(op, "the operand", input)) ||
      failed(requireExampleRank(op, "the place", place, 0)) ||
      failed(requireSameBatching(op, input, place)))
    return failure();
  types.push_back(input);
  return success();
}

LogicalResult TakeExamplesOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                               Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferMoved({getOperationName(), location}, adaptor.getInput().getType(),
                    adaptor.getPlace().getType(), types);
}

LogicalResult PutExamplesOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                              Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferMoved({getOperationName(), location}, adaptor.getInput().getType(),
                    adaptor.getPlace().getType(), types);
}

void TakeExamplesOp::buildVjp(OpBuilder &builder, Location location, ArrayRef<Value> g,
                              ArrayRef<bool> needed, MutableArrayRef<Value> out) {
  if (needed[0])
    out[0] = VjpBuilder(builder, location).make<PutExamplesOp>(g[0], getPlace());
}

void PutExamplesOp::buildVjp(OpBuilder &builder, Location location, ArrayRef<Value> g,
                             ArrayRef<bool> needed, MutableArrayRef<Value> out) {
  if (needed[0])
    out[0] = VjpBuilder(builder, location).make<TakeExamplesOp>(g[0], getPlace());
}
