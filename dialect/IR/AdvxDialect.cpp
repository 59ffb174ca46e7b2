//===- AdvxDialect.cpp - The advx dialect ---------------------------------===//

#include "dialect/IR/AdvxDialect.h"
#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/WeightsType.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::advx;

#include "dialect/IR/AdvxDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialect/IR/AdvxTypes.cpp.inc"

void AdvxDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialect/IR/AdvxTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialect/IR/AdvxOps.cpp.inc"
      >();
}
