//===- AdvxDialect.h - The advx dialect -------------------------*- C++ -*-===//

#ifndef ADVX_DIALECT_IR_ADVXDIALECT_H
#define ADVX_DIALECT_IR_ADVXDIALECT_H

#include "mlir/IR/Dialect.h"

#include "dialect/IR/AdvxDialect.h.inc"

#endif // ADVX_DIALECT_IR_ADVXDIALECT_H
