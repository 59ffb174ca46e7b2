//===- RuntimeOpInterface.h - The -O0 form of an op -------------*- C++ -*-===//

#ifndef ADVX_DIALECT_INTERFACES_RUNTIMEOPINTERFACE_H
#define ADVX_DIALECT_INTERFACES_RUNTIMEOPINTERFACE_H

#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/SmallVector.h"
#include <string>

#include "dialect/Interfaces/RuntimeOpInterface.h.inc"

#endif // ADVX_DIALECT_INTERFACES_RUNTIMEOPINTERFACE_H
