//===- VjpOpInterface.h - The derivative of an op ---------------*- C++ -*-===//

#ifndef ADVX_DIALECT_INTERFACES_VJPOPINTERFACE_H
#define ADVX_DIALECT_INTERFACES_VJPOPINTERFACE_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"

#include "dialect/Interfaces/VjpOpInterface.h.inc"

#endif // ADVX_DIALECT_INTERFACES_VJPOPINTERFACE_H
