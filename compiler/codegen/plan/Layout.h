#ifndef ADVX_COMPILER_CODEGEN_PLAN_LAYOUT_H
#define ADVX_COMPILER_CODEGEN_PLAN_LAYOUT_H

#include "dialect/IR/ElementTypes.h"
#include "mlir/IR/BuiltinTypes.h"

/// How a tensor type lies in memory. Only ranked types with at most one dynamic axis,
/// the leading one (the batch), reach code generation; dialect/IR/AdvxTypes.h has their shapes
/// and sizes, dialect/IR/ElementTypes.h what their elements are in memory.
namespace advx::codegen {

/// Buffers of the state arena start on 64 bytes; those of the batch arena on 4 bytes
/// per padded example, which is 64 bytes since 16 examples are padded together.
inline constexpr int64_t kStateAlignment = 64;
inline constexpr int64_t kBatchAlignment = 4;

/// The tensor type of a value that needs a buffer; null for numbers and indices.
mlir::RankedTensorType bufferType(mlir::Type type);

using mlir::advx::dtypeName;
using mlir::advx::dtypeOf;

inline int64_t roundUp(int64_t value, int64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

} // namespace advx::codegen

#endif
