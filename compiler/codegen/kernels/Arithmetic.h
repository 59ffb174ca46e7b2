#ifndef ADVX_COMPILER_CODEGEN_KERNELS_ARITHMETIC_H
#define ADVX_COMPILER_CODEGEN_KERNELS_ARITHMETIC_H

#include "mlir/IR/Builders.h"

namespace advx::codegen {

/// One element, or a vector of them, of an elementwise op, from those of its operands, which are
/// all scalars or all vectors. NaNs go the way that they go in the runtime's ops.
mlir::Value emitElementwise(mlir::OpBuilder &builder, mlir::Operation *op,
                            llvm::ArrayRef<mlir::Value> operands);

/// Whether computing an element of the op takes so long that it is worth its place in memory
/// where two loops need it.
bool isExpensive(mlir::Operation *op);

} // namespace advx::codegen

#endif
