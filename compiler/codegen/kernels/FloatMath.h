#ifndef ADVX_COMPILER_CODEGEN_KERNELS_FLOATMATH_H
#define ADVX_COMPILER_CODEGEN_KERNELS_FLOATMATH_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

/// Functions that processors lack: in f32 polynomials, the same bits on every target, in f64 calls
/// of the C library. Operands are scalars or vectors. What is said of ulp, of NaN, infinity and the
/// sign of 0 (as C's functions have them) holds in f32 and is tested by
/// test/codegen/cpu/accuracy.py on values of every exponent.
namespace advx::codegen {

/// Within 1.1 ulp, results below 2^-126 too.
mlir::Value emitExp(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);

/// Within 0.9 ulp; minus infinity at 0, NaN below.
mlir::Value emitLog(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);

/// Within 1.4 ulp.
mlir::Value emitTanh(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);

/// Within 0.51 ulp, by way of f64; x * x where y is 2.
mlir::Value emitPow(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x, mlir::Value y);

/// A number of x's type, in every lane.
mlir::Value splatLike(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x, double value);

} // namespace advx::codegen

#endif
