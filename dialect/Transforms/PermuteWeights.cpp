//===- PermuteWeights.cpp - Transposes move from images to weights ----------===//
//
// An image is transposed for each example and in each step of an attack; a weight
// once, since the permuted weight leaves the loop.
//
//===------------------------------------------------------------------------===//

#include "dialect/Transforms/Permutation.h"

#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace mlir::advx;

SmallVector<int64_t> mlir::advx::inverseOf(ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> inverse(permutation.size());
  for (auto [i, axis] : llvm::enumerate(permutation))
    inverse[axis] = static_cast<int64_t>(i);
  return inverse;
}

Value mlir::advx::permuteAxes(OpBuilder &builder, Location location, Value value,
                              ArrayRef<int64_t> permutation) {
  ArrayRef<int64_t> shape = exampleShape(value.getType());
  int64_t last = -1;
  bool isOrdered = true;
  SmallVector<int64_t> permuted;
  for (int64_t axis : permutation) {
    permuted.push_back(shape[axis]);
    if (shape[axis] == 1)
      continue;
    isOrdered &= axis > last;
    last = axis;
  }
  // Not folded: the caller may be in the middle of changing what makes `value`.
  if (isOrdered)
    return builder.create<ReshapeOp>(location, value, permuted);
  return builder.create<TransposeOp>(location, value, permutation);
}

namespace {

/// A flattened transpose: the vector's elements are those of `image` with its axes in
/// the order of `permutation`.
struct FlatTranspose {
  Value image;
  SmallVector<int64_t> permutation;

  /// The transpose that `vector` flattens, or no image.
  explicit FlatTranspose(Value vector) {
    auto reshape = vector.getDefiningOp<ReshapeOp>();
    if (!reshape)
      return;
    if (auto transpose = reshape.getInput().getDefiningOp<TransposeOp>()) {
      image = transpose.getInput();
      permutation.assign(transpose.getPermutation().begin(), transpose.getPermutation().end());
    }
  }

  explicit operator bool() const { return image != nullptr; }

  Value flat(OpBuilder &builder, Location location) const {
    return builder.createOrFold<ReshapeOp>(location, image, exampleElements(image.getType()));
  }

  /// The image's shape with its axes in the order of the permutation.
  SmallVector<int64_t> permutedShape() const {
    SmallVector<int64_t> shape;
    for (int64_t axis : permutation)
      shape.push_back(exampleShape(image.getType())[axis]);
    return shape;
  }
};

/// The matrix with one axis, which flattens `shape`, in the order of `permutation`.
Value permuteMatrix(OpBuilder &builder, Location location, Value matrix, int64_t axis,
                    ArrayRef<int64_t> shape, ArrayRef<int64_t> permutation) {
  ArrayRef<int64_t> old = exampleShape(matrix.getType());
  SmallVector<int64_t> split, order;
  if (axis == 1) {
    split.push_back(old[0]);
    order.push_back(0);
  }
  llvm::append_range(split, shape);
  for (int64_t i : permutation)
    order.push_back(i + axis);
  if (axis == 0) {
    split.push_back(old[1]);
    order.push_back(static_cast<int64_t>(shape.size()));
  }
  Value parts = builder.create<ReshapeOp>(location, matrix, split);
  Value ordered = permuteAxes(builder, location, parts, order);
  return builder.create<ReshapeOp>(location, ordered, old);
}

/// W flat(transpose(v)) = W' flat(v).
void permuteInput(MatvecOp op) {
  FlatTranspose found(op.getVector());
  if (!found)
    return;
  OpBuilder builder(op);
  int64_t axis = op.getTranspose() ? 0 : 1;
  op.getMatrixMutable().assign(permuteMatrix(builder, op.getLoc(), op.getMatrix(), axis,
                                             found.permutedShape(), inverseOf(found.permutation)));
  op.getVectorMutable().assign(found.flat(builder, op.getLoc()));
}

/// transpose(unflat(W v)) = unflat(W' v), where nothing else reads the product.
void permuteOutput(MatvecOp op) {
  if (!op->hasOneUse())
    return;
  auto reshape = dyn_cast<ReshapeOp>(*op->user_begin());
  if (!reshape || !reshape->hasOneUse())
    return;
  auto transpose = dyn_cast<TransposeOp>(*reshape->user_begin());
  if (!transpose)
    return;
  OpBuilder builder(op);
  int64_t axis = op.getTranspose() ? 1 : 0;
  op.getMatrixMutable().assign(permuteMatrix(builder, op.getLoc(), op.getMatrix(), axis,
                                             reshape.getShape(), transpose.getPermutation()));
  builder.setInsertionPoint(transpose);
  Value image = builder.create<ReshapeOp>(transpose.getLoc(), op.getResult(),
                                          exampleShape(transpose.getType()));
  transpose.replaceAllUsesWith(image);
  transpose.erase();
}

/// u flat(transpose(v))ᵀ is u flat(v)ᵀ with its columns permuted; u likewise.
void permuteOuter(OuterOp op) {
  for (int64_t axis : {0, 1}) {
    FlatTranspose found(op->getOperand(axis));
    if (!found)
      continue;
    OpBuilder builder(op);
    op->setOperand(axis, found.flat(builder, op.getLoc()));
    builder.setInsertionPointAfter(op);
    Operation *first = op;
    Value permuted = permuteMatrix(builder, op.getLoc(), op.getResult(), axis,
                                   exampleShape(found.image.getType()), found.permutation);
    llvm::SmallPtrSet<Operation *, 4> made;
    for (Operation *user = permuted.getDefiningOp(); user != first;
         user = user->getOperand(0).getDefiningOp())
      made.insert(user);
    op.getResult().replaceAllUsesExcept(permuted, made);
  }
}

} // namespace

void mlir::advx::permuteWeights(Operation *root) {
  root->walk([](MatvecOp op) {
    permuteInput(op);
    permuteOutput(op);
  });
  root->walk([](OuterOp op) { permuteOuter(op); });
}
