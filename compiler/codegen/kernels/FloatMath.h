#ifndef ADVX_COMPILER_CODEGEN_KERNELS_FLOATMATH_H
#define ADVX_COMPILER_CODEGEN_KERNELS_FLOATMATH_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

/// Functions that processors lack: in f32 polynomials, the same on every target, in f64 calls
/// of the C library. Operands are scalars or vectors.
namespace advx::codegen {

/// Within 2 ulp; results below 2^-126 are rounded less well.
mlir::Value emitExp(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);

/// Within 2 ulp; minus infinity at 0, NaN below.
mlir::Value emitLog(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);

/// Within 3 ulp.
mlir::Value emitTanh(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);

/// C's pow; x * x where y is 2.
mlir::Value emitPow(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x, mlir::Value y);

/// A number of x's type, in every lane.
mlir::Value splatLike(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x, double value);

} // namespace advx::codegen

#endif
