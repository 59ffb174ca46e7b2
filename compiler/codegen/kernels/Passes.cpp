#include "compiler/codegen/kernels/Passes.h"

#include "compiler/codegen/kernels/Schedule.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {

bool isPerChannel(Type type, int64_t channels) {
  int64_t elements = exampleElements(type);
  auto shape = exampleShape(type);
  return elements == 1 || (elements == channels && shape.back() == channels);
}

namespace {

LogicalResult checkReduction(Operation *op, int64_t channels) {
  if (isa<ReduceSumOp, ReduceMaxOp>(op) && isPerChannel(op->getResult(0).getType(), channels) &&
      exampleElements(op->getResult(0).getType()) == channels)
    return success();
  return op->emitError("internal: a channel kernel cannot reduce over the last axis");
}

} // namespace

FailureOr<Passes> passesOf(ClusterOp cluster) {
  Passes passes;
  llvm::DenseMap<Value, unsigned> passOf; ///< the first in which the value can be had
  for (auto sum : cluster.getBody().getOps<BatchSumOp>())
    if (exampleRank(sum.getType()) > 0)
      passes.channels = exampleShape(sum.getType()).back();
  if (passes.channels == 0)
    return cluster.emitError("internal: a channel kernel sums nothing over the batch");
  for (Operation &op : cluster.getBody().front().without_terminator()) {
    Type type = op.getResult(0).getType();
    if (!isa<ShapedType>(type))
      continue;
    unsigned pass = 0;
    for (Value operand : op.getOperands())
      pass = std::max(pass, passOf.lookup(operand));
    if (auto sum = dyn_cast<BatchSumOp>(op)) {
      if (exampleRank(type) == 0 || exampleShape(type).back() != passes.channels)
        return sum.emitError("internal: a channel kernel has one number of channels");
      // What has other axes too is added up over them at once.
      if (!isPerChannel(type, passes.channels) &&
          !llvm::all_of(sum->getUsers(), [&](Operation *user) {
            return isa<ReduceSumOp>(user) && succeeded(checkReduction(user, passes.channels));
          }))
        return sum.emitError("internal: a channel kernel sums one number a channel");
      passes.sums.resize(std::max<size_t>(passes.sums.size(), pass + 1));
      passes.sums[pass].push_back(sum);
      passOf[sum.getResult()] = pass + 1;
      continue;
    }
    passOf[op.getResult(0)] = pass;
    bool ofSum = op.getNumOperands() && op.getOperand(0).getDefiningOp<BatchSumOp>();
    if (isReduction(&op) && !(isa<ReduceSumOp>(op) && ofSum) &&
        failed(checkReduction(&op, passes.channels)))
      return failure();
    (isBatched(type) ? passes.rows : passes.after).push_back(&op);
  }
  for (Value result : cluster.getYield()->getOperands()) {
    if (!isPerChannel(result.getType(), passes.channels) ||
        exampleElements(result.getType()) != passes.channels)
      return cluster.emitError("internal: a result of a channel kernel has other axes than the "
                               "channel");
    if (!llvm::is_contained(passes.results, result))
      passes.results.push_back(result);
  }
  return passes;
}

} // namespace advx::codegen
