#ifndef ADVX_DIALECT_CONVERSION_PASSES_H
#define ADVX_DIALECT_CONVERSION_PASSES_H

#include "dialect/IR/AdvxDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/Pass.h"

namespace mlir::advx {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#define GEN_PASS_REGISTRATION_NAME AdvxConversion
#include "dialect/Conversion/Passes.h.inc"

} // namespace mlir::advx

#endif // ADVX_DIALECT_CONVERSION_PASSES_H
