//===- Cost.cpp - Arithmetic and memory of an op ---------------------------===//

#include "dialect/IR/Cost.h"
#include "dialect/IR/AdvxOps.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::advx;

namespace {

/// A quantity that grows with the examples of `type`, or with nothing.
Amount amount(int64_t value, bool batched) { return batched ? Amount{value, 0} : Amount{0, value}; }

/// The bytes that go by where a value of the type is read or written once.
Amount trafficOf(Type type) {
  return isa<RankedTensorType>(type) ? amount(exampleBytes(type), isBatched(type)) : Amount();
}

Amount flopsOf(Operation *op) {
  auto tensor = dyn_cast<TensorOpInterface>(op);
  bool batched = llvm::any_of(op->getOperandTypes(), isBatched) ||
                 llvm::any_of(op->getResultTypes(), isBatched);
  return tensor ? amount(tensor.getFlops(), batched) : Amount();
}

/// How often a channel kernel reads each batched argument: once for each of its passes over the
/// batch, a sum that waits for another one being a pass later.
llvm::DenseMap<Value, int64_t> passesOver(ClusterOp cluster) {
  llvm::DenseMap<Value, unsigned> waits;
  llvm::DenseMap<Value, llvm::SetVector<Value>> read; ///< batched arguments, by value
  llvm::DenseSet<std::pair<Value, unsigned>> passes;
  for (Value argument : cluster.getBody().getArguments())
    read[argument].insert(argument);
  for (Operation &op : cluster.getBody().front().without_terminator()) {
    Value result = op.getResult(0);
    llvm::SetVector<Value> arguments;
    for (OpOperand &use : op.getOpOperands()) {
      Value operand = use.get();
      waits[result] = std::max(waits[result], waits.lookup(operand));
      if (isBatched(operand.getType()) && readsElements(use))
        arguments.insert(read[operand].begin(), read[operand].end());
    }
    if (!isa<BatchSumOp>(op)) {
      read[result] = arguments;
      continue;
    }
    for (Value argument : arguments)
      passes.insert({argument, waits[result]});
    ++waits[result];
  }
  llvm::DenseMap<Value, int64_t> count;
  for (auto [argument, pass] : passes)
    ++count[argument];
  return count;
}

/// What a kernel reads of its operands.
Amount bytesRead(ClusterOp cluster) {
  bool isChannel = cluster.getKernel() == KernelTemplate::channel;
  auto passes = isChannel ? passesOver(cluster) : llvm::DenseMap<Value, int64_t>();
  Amount bytes;
  for (Value argument : cluster.getBody().getArguments()) {
    bool isRead =
        llvm::any_of(argument.getUses(), [](OpOperand &use) { return readsElements(use); });
    int64_t times = isChannel && isBatched(argument.getType()) ? passes.lookup(argument) : 1;
    for (int64_t time = 0; isRead && time < times; ++time)
      bytes += trafficOf(argument.getType());
  }
  return bytes;
}

} // namespace

OpCost mlir::advx::costOf(Operation *op) {
  OpCost cost;
  if (!isa<AdvxDialect>(op->getDialect()) || isa<ReshapeOp, YieldOp, UniformOp, BatchSizeOp>(op))
    return cost;
  if (auto cluster = dyn_cast<ClusterOp>(op)) {
    for (Operation &inner : cluster.getBody().front())
      cost.flops += costOf(&inner).flops;
    cost.bytes = bytesRead(cluster);
  } else {
    cost.flops = flopsOf(op);
    for (Type type : op->getOperandTypes())
      cost.bytes += trafficOf(type);
  }
  for (Type type : op->getResultTypes())
    cost.bytes += trafficOf(type);
  return cost;
}
