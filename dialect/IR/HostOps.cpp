//===- HostOps.cpp - What the host program asks of its ops ------------------===//

#include "dialect/IR/AdvxOps.h"

#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace mlir::advx;

LogicalResult EndLoopOp::verify() {
  if (!isa<LoopLikeOpInterface>((*this)->getParentOp()))
    return emitOpError("ends the loop around it, but stands in none");
  return success();
}
