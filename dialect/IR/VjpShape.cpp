//===- VjpShape.cpp - Derivatives of moves, reductions and the batch -------===//

#include "dialect/IR/VjpBuilder.h"

using namespace mlir;
using namespace mlir::advx;

using Cotangents = ArrayRef<Value>;
using Needed = ArrayRef<bool>;
using Result = MutableArrayRef<Value>;

/// The axes of an example of this rank that are not in `axes`, in order.
static SmallVector<int64_t> otherAxes(int64_t rank, ArrayRef<int64_t> axes) {
  SmallVector<int64_t> others;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (!llvm::is_contained(axes, axis))
      others.push_back(axis);
  return others;
}

void BroadcastOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed,
                           Result out) {
  SmallVector<int64_t> repeated = otherAxes(exampleRank(getType()), getAxes());
  out[0] = VjpBuilder(builder, location).make<ReduceSumOp>(g[0], ArrayRef<int64_t>(repeated));
}

void ReshapeOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  out[0] = VjpBuilder(builder, location).make<ReshapeOp>(g[0], exampleShape(getInput().getType()));
}

void TransposeOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed,
                           Result out) {
  SmallVector<int64_t> inverse(getPermutation().size());
  for (auto [to, from] : llvm::enumerate(getPermutation()))
    inverse[from] = static_cast<int64_t>(to);
  out[0] = VjpBuilder(builder, location).make<TransposeOp>(g[0], inverse);
}

void SliceOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  int64_t whole = exampleShape(getInput().getType())[getAxis()];
  out[0] = VjpBuilder(builder, location)
               .make<PadSliceOp>(g[0], getAxis(), getBegin(), static_cast<uint64_t>(whole));
}

void PadSliceOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  int64_t part = exampleShape(getInput().getType())[getAxis()];
  out[0] = VjpBuilder(builder, location)
               .make<SliceOp>(g[0], getAxis(), getBegin(), static_cast<uint64_t>(part));
}

void ReverseOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  out[0] = VjpBuilder(builder, location).make<ReverseOp>(g[0], getAxis());
}

// The amount is rounded, so nothing changes with it.
void ShiftOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                       Result out) {
  VjpBuilder b(builder, location);
  if (needed[0])
    out[0] = b.make<ShiftOp>(g[0], b.make<NegOp>(getBy()), getAxis());
}

void ConcatOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                        Result out) {
  VjpBuilder b(builder, location);
  uint64_t begin = 0;
  for (auto [i, input] : llvm::enumerate(getInputs())) {
    uint64_t size = exampleShape(input.getType())[getAxis()];
    if (needed[i])
      out[i] = b.make<SliceOp>(g[0], getAxis(), begin, size);
    begin += size;
  }
}

/// The cotangent of a reduction, repeated along the axes that it removed.
static Value unreduce(VjpBuilder b, Value g, Type input, ArrayRef<int64_t> axes) {
  ArrayRef<int64_t> shape = exampleShape(input);
  SmallVector<int64_t> kept = otherAxes(static_cast<int64_t>(shape.size()), axes);
  return b.make<BroadcastOp>(g, shape, kept);
}

void ReduceSumOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed,
                           Result out) {
  out[0] = unreduce(VjpBuilder(builder, location), g[0], getInput().getType(), getAxesOrAll());
}

void ReduceMaxOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed,
                           Result out) {
  VjpBuilder b(builder, location);
  SmallVector<int64_t> axes = getAxesOrAll();
  Value mask = b.make<FirstMaxMaskOp>(getInput(), ArrayRef<int64_t>(axes));
  out[0] = b.keep(mask, unreduce(b, g[0], getInput().getType(), axes));
}

void CumsumOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  out[0] = VjpBuilder(builder, location).make<CumsumOp>(g[0], getAxis(), !getFromEnd());
}

void BatchSumOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  out[0] = VjpBuilder(builder, location).make<BatchBroadcastOp>(g[0], getInput());
}

// Of `like` only the number of examples is read.
void BatchBroadcastOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                                Result out) {
  if (needed[0])
    out[0] = VjpBuilder(builder, location).make<BatchSumOp>(g[0]);
}
