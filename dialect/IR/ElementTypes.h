//===- ElementTypes.h - What the elements of tensors may be -----*- C++ -*-===//
//
// The element types are those of runtime/abi/elements.def: f32, f64, i64 for labels
// and indices, i1 for masks. A program may hold tensors of several float types; an
// op says which mixtures it takes (in general none), and `advx.cast` converts.
// Numbers of the host are f64, rounded once where `advx.splat` or a draw uses them.
//
// What another float type asks for, bf16 say: a line in elements.def and a new
// ADVX_ABI_VERSION; its case in dtypeOf here and in withFloat of the runtime; sums within
// an example in f32, where kernels now add up in the elements' own type; the functions
// of FloatMath.h through f32. Its lanes, its bytes and its casts follow, and a buffer of
// the batch has at least 4 bytes an example (kBatchAlignment) as it is.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_DIALECT_IR_ELEMENTTYPES_H
#define ADVX_DIALECT_IR_ELEMENTTYPES_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Types.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace mlir::advx {

/// The code of an element type in the ABI (ADVX_F32, ...), or -1 for a type that no tensor has.
int dtypeOf(Type element);

/// The name of an element type in the manifest: "f32", "f64", "i64" or "bool".
StringRef dtypeName(Type element);

/// Bytes of an element in memory.
int64_t elementBytes(Type element);

/// The type that memory holds for an element: i8 for i1, else the type itself.
Type storedType(Type element);

bool isFloatElement(Type type); // f32, f64
bool isIntElement(Type type);   // i64
bool isBoolElement(Type type);  // i1

/// Whether every value of the element type `from` is one of the float type `to`, so that the
/// conversion is exact. Of i64 no float type holds all values.
bool holdsAll(Type to, Type from);

/// What sums of a float type over examples are added up in and rounded from once: f64. Sums within
/// an example are added up in the type itself by kernels, and in f64 by the runtime's ops.
Type accumulatorOf(Type element);

/// Of the float types of tensors that ops inside of `op` make or get as arguments the one with the
/// fewest bytes; null if there is none.
Type narrowestFloat(Operation *op);

} // namespace mlir::advx

#endif // ADVX_DIALECT_IR_ELEMENTTYPES_H
