//===- Permutation.h - Orders of axes ---------------------------*- C++ -*-===//

#ifndef ADVX_DIALECT_TRANSFORMS_PERMUTATION_H
#define ADVX_DIALECT_TRANSFORMS_PERMUTATION_H

#include "dialect/IR/AdvxOps.h"

namespace mlir::advx {

/// The order that undoes `permutation`.
SmallVector<int64_t> inverseOf(ArrayRef<int64_t> permutation);

/// `value` with its per-example axes in the order of `permutation`, as of
/// `advx.transpose`. A reshape where no two axes longer than 1 change places.
Value permuteAxes(OpBuilder &builder, Location location, Value value,
                  ArrayRef<int64_t> permutation);

/// Takes the transposes of images out of flattened vectors: a product of a weight with
/// a flattened transpose becomes one of the weight with its rows or columns permuted and
/// the flattened image itself; likewise a product that is unflattened and transposed, and
/// an outer product.
void permuteWeights(Operation *root);

} // namespace mlir::advx

#endif // ADVX_DIALECT_TRANSFORMS_PERMUTATION_H
