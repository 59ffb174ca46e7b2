//===- FloatMath.h - Functions that processors lack -------------*- C++ -*-===//
//
// In f32 polynomials, the same bits on every target, in f64 calls of the C library.
// Operands are scalars or vectors. What is said of ulp, of NaN, infinity and the sign of
// 0 (as C's functions have them) holds in f32 and is tested by
// test/codegen/cpu/accuracy.py on values of every exponent.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_DIALECT_IR_FLOATMATH_H
#define ADVX_DIALECT_IR_FLOATMATH_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

namespace mlir::advx {

/// Within 1.1 ulp, results below 2^-126 too.
Value emitExp(OpBuilder &builder, Location loc, Value x);

/// Within 0.9 ulp; minus infinity at 0, NaN below.
Value emitLog(OpBuilder &builder, Location loc, Value x);

/// Within 1.4 ulp.
Value emitTanh(OpBuilder &builder, Location loc, Value x);

/// Within 1.1 ulp.
Value emitErf(OpBuilder &builder, Location loc, Value x);

/// Within 0.51 ulp, by way of f64; x * x where y is 2.
Value emitPow(OpBuilder &builder, Location loc, Value x, Value y);

/// A number of x's type, in every lane.
Value splatLike(OpBuilder &builder, Location loc, Value x, double value);

} // namespace mlir::advx

#endif // ADVX_DIALECT_IR_FLOATMATH_H
