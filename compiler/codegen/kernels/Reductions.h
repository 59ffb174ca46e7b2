#ifndef ADVX_COMPILER_CODEGEN_KERNELS_REDUCTIONS_H
#define ADVX_COMPILER_CODEGEN_KERNELS_REDUCTIONS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/SmallVector.h"

/// The arithmetic of reductions (isReduction in Schedule.h). A sum or a maximum carries its
/// value; a search carries the largest value and its place (i64).
namespace advx::codegen {

/// Whether a reduction looks for the place of a maximum.
bool isSearch(mlir::Operation *op);

/// Lets a product and a sum become one instruction; nothing else is let go.
mlir::arith::FastMathFlagsAttr contract(mlir::OpBuilder &builder);

/// What a reduction carries before its first element: scalars.
llvm::SmallVector<mlir::Value> reductionStart(mlir::OpBuilder &builder, mlir::Operation *op);

/// What two parts of a reduction come to; scalars or vectors. The order of `a` and `b` does not
/// matter to a maximum or a search: of equal values a search takes the first place, and NaN is
/// larger than all.
llvm::SmallVector<mlir::Value> combineReduction(mlir::OpBuilder &builder, mlir::Operation *op,
                                                mlir::ValueRange a, mlir::ValueRange b);

} // namespace advx::codegen

#endif
