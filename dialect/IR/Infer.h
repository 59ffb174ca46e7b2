//===- Infer.h - Result types of families of ops ----------------*- C++ -*-===//
//
// Inference is also the verifier: it refuses operands and attributes that do not
// fit, naming what was found and what was expected.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_DIALECT_IR_INFER_H
#define ADVX_DIALECT_IR_INFER_H

#include "dialect/IR/AdvxTypes.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/ValueRange.h"
#include "llvm/Support/LogicalResult.h"

namespace mlir::advx {

/// Who infers, for its messages.
struct InferringOp {
  StringRef name;
  std::optional<Location> location;

  template <typename... Args> LogicalResult error(Args &&...args) const {
    return emitOptionalError(location, "'", name, "' op ", std::forward<Args>(args)...);
  }
};

/// The operands have one per-example shape or are per-example scalars, and, after
/// the first `conditions`, one element type. The result is batched iff an operand is,
/// and unranked if one is.
LogicalResult inferElementwise(InferringOp op, ValueRange operands, Type elementType,
                               SmallVectorImpl<Type> &types, unsigned conditions = 0);

/// A draw of a per-example shape, batched iff the index is.
LogicalResult inferRandom(InferringOp op, Type index, ArrayRef<int64_t> shape, Type elementType,
                          SmallVectorImpl<Type> &types);

/// Refuses an unranked tensor.
LogicalResult requireRanked(InferringOp op, StringRef operand, Type type);

/// Refuses a tensor with another number of per-example axes.
LogicalResult requireExampleRank(InferringOp op, StringRef operand, Type type, int64_t rank);

/// Refuses a tensor with a batch axis.
LogicalResult requireUnbatched(InferringOp op, StringRef operand, Type type);

/// Refuses two tensors of which one is batched and the other is not.
LogicalResult requireSameBatching(InferringOp op, Type lhs, Type rhs);

/// Refuses two tensors of different element types; says how one becomes the other's.
LogicalResult requireSameElements(InferringOp op, Type lhs, Type rhs);

/// How a message about two tensors goes on that names the op that gives them one element type;
/// empty where they have one, or where no op does.
StringRef castHint(Type lhs, Type rhs);

/// Refuses axes that are not increasing or not axes of an example of this rank.
LogicalResult requireAxes(InferringOp op, ArrayRef<int64_t> axes, int64_t rank);

/// Refuses an axis that the example of a tensor has not.
LogicalResult requireAxis(InferringOp op, StringRef operand, Type type, int64_t axis);

/// Refuses a pair `[height, width]` that has not two entries, or one below `least`.
LogicalResult requirePair(InferringOp op, StringRef attribute, ArrayRef<int64_t> pair,
                          int64_t least);

/// Which per-example axes of an image are its channel, height and width.
struct ImageAxes {
  int channel, height, width;

  /// The order of axes [H, W, C], where [C, H, W] is the order 0, 1, 2.
  static constexpr int64_t lastOfFirst[] = {1, 2, 0};

  explicit ImageAxes(bool channelsLast)
      : channel(channelsLast ? 2 : 0), height(channelsLast ? 0 : 1), width(channelsLast ? 1 : 2) {}

  /// The per-example shape of an image, and `[H, W]` of such a shape.
  SmallVector<int64_t> shape(int64_t channels, int64_t h, int64_t w) const {
    SmallVector<int64_t> result(3);
    result[channel] = channels;
    result[height] = h;
    result[width] = w;
    return result;
  }
  SmallVector<int64_t> size(ArrayRef<int64_t> shape) const { return {shape[height], shape[width]}; }
};

/// Number of windows along one axis: (size + 2 padding - kernel) / stride + 1,
/// rounded down; 0 where no window fits.
int64_t windowCount(int64_t size, int64_t kernel, int64_t stride, int64_t padding);

} // namespace mlir::advx

#endif // ADVX_DIALECT_IR_INFER_H
