//===- Layout.cpp - What another order of axes does to ops -----------------===//

#include "dialect/IR/AdvxOps.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::advx;

using Order = ArrayRef<int64_t>;

/// Whether the type has the axes of which the order speaks.
static bool isOrdered(Type type, Order order) {
  return isa<RankedTensorType>(type) && exampleRank(type) == int64_t(order.size());
}

/// Where the axes are in the order.
static SmallVector<int64_t> moved(ArrayRef<int64_t> axes, Order order) {
  SmallVector<int64_t> places;
  for (int64_t axis : axes)
    places.push_back(llvm::find(order, axis) - order.begin());
  return places;
}

/// Whether the axes still follow each other as they do.
static bool keepTheirOrder(ArrayRef<int64_t> axes, Order order) {
  return llvm::is_sorted(moved(axes, order));
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

bool BroadcastOp::canPermuteAxes(Order order) {
  return isOrdered(getType(), order) && !isOrdered(getInput().getType(), order) &&
         keepTheirOrder(getAxes(), order);
}

void BroadcastOp::permuteAxes(Order order) {
  SmallVector<int64_t> shape;
  for (int64_t axis : order)
    shape.push_back(getShape()[axis]);
  setAxes(moved(getAxes(), order));
  setShape(shape);
}

bool TransposeOp::canPermuteAxes(Order) { return true; }

// Both sides have the new order.
void TransposeOp::permuteAxes(Order order) {
  SmallVector<int64_t> sources;
  for (int64_t axis : order)
    sources.push_back(getPermutation()[axis]);
  setPermutation(moved(sources, order));
}

template <typename Op> static void permuteAxis(Op op, Order order) {
  op.setAxis(moved(int64_t(op.getAxis()), order)[0]);
}

bool SliceOp::canPermuteAxes(Order) { return true; }
void SliceOp::permuteAxes(Order order) { permuteAxis(*this, order); }
bool PadSliceOp::canPermuteAxes(Order) { return true; }
void PadSliceOp::permuteAxes(Order order) { permuteAxis(*this, order); }
bool ReverseOp::canPermuteAxes(Order) { return true; }
void ReverseOp::permuteAxes(Order order) { permuteAxis(*this, order); }
bool ShiftOp::canPermuteAxes(Order) { return true; }
void ShiftOp::permuteAxes(Order order) { permuteAxis(*this, order); }
bool ConcatOp::canPermuteAxes(Order) { return true; }
void ConcatOp::permuteAxes(Order order) { permuteAxis(*this, order); }

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// What remains must keep its order, since the result has none of the order's axes.
template <typename Op> static bool keepsResult(Op op, Order order) {
  if (!isOrdered(op.getInput().getType(), order))
    return false;
  SmallVector<int64_t> reduced = op.getAxesOrAll(), left;
  for (int64_t axis = 0; axis < int64_t(order.size()); ++axis)
    if (!llvm::is_contained(reduced, axis))
      left.push_back(axis);
  return keepTheirOrder(left, order);
}

template <typename Op> static void permuteReduced(Op op, Order order) {
  if (!op.getAxes())
    return;
  SmallVector<int64_t> axes = moved(*op.getAxes(), order);
  llvm::sort(axes);
  op.setAxes(axes);
}

bool ReduceSumOp::canPermuteAxes(Order order) { return keepsResult(*this, order); }
void ReduceSumOp::permuteAxes(Order order) { permuteReduced(*this, order); }
bool ReduceMaxOp::canPermuteAxes(Order order) { return keepsResult(*this, order); }
void ReduceMaxOp::permuteAxes(Order order) { permuteReduced(*this, order); }

// A tie belongs to the first, so what is compared must keep its order.
bool FirstMaxMaskOp::canPermuteAxes(Order order) {
  return isOrdered(getInput().getType(), order) && keepTheirOrder(getAxesOrAll(), order);
}
void FirstMaxMaskOp::permuteAxes(Order order) { permuteReduced(*this, order); }

bool CumsumOp::canPermuteAxes(Order) { return true; }
void CumsumOp::permuteAxes(Order order) { permuteAxis(*this, order); }
