//===- AdvxDialect.cpp - The advx dialect ---------------------------------===//

#include "dialect/IR/AdvxDialect.h"
#include "dialect/IR/AdvxOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::advx;

#include "dialect/IR/AdvxDialect.cpp.inc"

void AdvxDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialect/IR/AdvxOps.cpp.inc"
      >();
}
