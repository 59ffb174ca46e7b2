//===- AdvxTypes.h - Tensors with the batch in the type ---------*- C++ -*-===//
//
// A value that depends on the example has a leading dynamic axis; every other
// axis is static. The per-example shape is the shape without that axis.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_DIALECT_IR_ADVXTYPES_H
#define ADVX_DIALECT_IR_ADVXTYPES_H

#include "dialect/IR/ElementTypes.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>

namespace mlir::advx {

/// True for `tensor<?x...>`. An unranked tensor, or no tensor, is not batched.
bool isBatched(Type type);

/// The shape without the batch axis. The type is a ranked tensor.
ArrayRef<int64_t> exampleShape(Type type);

/// Number of per-example axes. The type is a ranked tensor.
int64_t exampleRank(Type type);

/// Number of elements of one example. The type is a ranked tensor.
int64_t exampleElements(Type type);

/// Bytes of one example, or of the whole tensor without a batch axis; no padding. The type is a
/// ranked tensor.
int64_t exampleBytes(Type type);

/// A tensor of a per-example shape, with a batch axis iff `batched`.
RankedTensorType tensorType(ArrayRef<int64_t> exampleShape, Type elementType, bool batched);

/// The ranked tensor type with a batch axis, or without.
RankedTensorType withBatch(Type type);
RankedTensorType withoutBatch(Type type);

/// The axes of a reduction; without an attribute every per-example axis. Empty for
/// an unranked tensor without an attribute.
SmallVector<int64_t> axesOrAll(Type type, std::optional<ArrayRef<int64_t>> axes);

/// What the constraints of AdvxBase.td test: a tensor, ranked or not, of these
/// elements, whose only dynamic axis is the leading one.
bool isFloatTensor(Type type);    // f32, f64
bool isIntTensor(Type type);      // i64
bool isBoolTensor(Type type);     // i1
bool isNumberTensor(Type type);   // f32, f64, i64
bool isDiscreteTensor(Type type); // i64, i1
bool isTensor(Type type);         // any of them

/// 64-bit FNV-1a hash of the bytes of a stream's name, the word that keys its draws.
uint64_t streamHash(StringRef name);

} // namespace mlir::advx

#endif // ADVX_DIALECT_IR_ADVXTYPES_H
