//===- WeightsType.h - The weights of a network as one value ----*- C++ -*-===//

#ifndef ADVX_DIALECT_IR_WEIGHTSTYPE_H
#define ADVX_DIALECT_IR_WEIGHTSTYPE_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Types.h"

#define GET_TYPEDEF_CLASSES
#include "dialect/IR/AdvxTypes.h.inc"

#endif // ADVX_DIALECT_IR_WEIGHTSTYPE_H
