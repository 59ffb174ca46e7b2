// Kernels of channel clusters: a tile is as many channels as there are lanes. Each sum over the
// batch is a pass over it; a sum that depends on another one comes a pass later.

#include "compiler/codegen/cpu/KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

/// The body of a channel cluster.
struct Passes {
  int64_t channels = 0;
  llvm::SmallVector<Operation *> rows;  ///< of an example
  llvm::SmallVector<Operation *> after; ///< of all, but for the sums over the batch
  llvm::SmallVector<llvm::SmallVector<BatchSumOp>> sums; ///< by pass
};

/// Whether a value without a batch is one number a channel, or one for all.
bool isPerChannel(Type type, int64_t channels) {
  int64_t elements = exampleElements(type);
  auto shape = exampleShape(type);
  return elements == 1 || (elements == channels && shape.back() == channels);
}

LogicalResult checkReduction(Operation *op, int64_t channels) {
  if (isa<ReduceSumOp, ReduceMaxOp>(op) && isPerChannel(op->getResult(0).getType(), channels) &&
      exampleElements(op->getResult(0).getType()) == channels)
    return success();
  return op->emitError("internal: a channel kernel cannot reduce over the last axis");
}

FailureOr<Passes> split(ClusterOp cluster) {
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
  return passes;
}

/// One walk over the batch for sums that depend on no other of the same walk.
void emitPass(KernelBuilder &kernel, const Passes &passes, llvm::ArrayRef<BatchSumOp> sums,
              Frame &frame) {
  OpBuilder &builder = kernel.builder;
  Location loc = kernel.loc;
  Type wide = kernel.target.vectorOf(builder.getF64Type());
  Coordinate lanes;
  lanes.step = 1;
  llvm::SmallVector<Value> inputs;
  llvm::DenseMap<Value, Value> totals;
  for (BatchSumOp sum : sums) {
    if (totals.count(sum.getInput()))
      continue;
    inputs.push_back(sum.getInput());
    Value total = kernel.target.scratch(kernel.entry, loc, 8 * kernel.lanes());
    totals[sum.getInput()] = total;
    Value zero = builder.create<arith::ConstantOp>(loc, cast<TypedAttr>(builder.getZeroAttr(wide)));
    kernel.target.store(builder, loc, zero, total, builder.getF64Type(), lanes, Value());
    kernel.nests.setPartial(sum.getInput(), total);
  }
  Schedule schedule(passes.rows, {}, inputs, /*scratchElements=*/0, passes.channels);
  kernel.nests.loop(loc, kernel.integer(0), kernel.batch, 1, {},
                    [&](Value row, ValueRange) -> llvm::SmallVector<Value> {
                      frame.row.scalar = row;
                      for (const Nest &nest : schedule.nests())
                        kernel.nests.emit(nest, frame);
                      return {};
                    });
  frame.row = Coordinate();
  for (BatchSumOp sum : sums) {
    Value total = kernel.target.load(builder, loc, totals.lookup(sum.getInput()),
                                     builder.getF64Type(), lanes, Value(), false);
    Type element = getElementTypeOrSelf(sum.getType());
    if (!element.isF64())
      total = builder.create<arith::TruncFOp>(loc, kernel.target.vectorOf(element), total);
    kernel.elements.bind(sum.getResult(), Place{Place::number, total, false});
    if (!isPerChannel(sum.getType(), passes.channels))
      for (Operation *user : sum->getUsers())
        kernel.elements.bind(user->getResult(0), Place{Place::number, total, false});
  }
}

} // namespace

FailureOr<KernelInfo> emitChannel(ClusterOp cluster, llvm::StringRef name) {
  FailureOr<Passes> passes = split(cluster);
  if (failed(passes))
    return failure();
  llvm::SmallVector<Value> results;
  for (Value result : cluster.getYield()->getOperands()) {
    if (!isPerChannel(result.getType(), passes->channels) ||
        exampleElements(result.getType()) != passes->channels)
      return cluster.emitError("internal: a result of a channel kernel has other axes than the "
                               "channel");
    if (!llvm::is_contained(results, result))
      results.push_back(result);
  }
  KernelBuilder kernel(cluster, name);
  for (Value result : results)
    kernel.addResult(result);
  int64_t lanes = kernel.lanes();
  kernel.forTiles(nullptr, nullptr, [&](Value tile) {
    IndexMath math(kernel.builder, kernel.loc, lanes);
    Coordinate channel;
    channel.scalar = kernel.multiply(tile, lanes);
    channel.step = 1;
    Frame frame;
    frame.last = Digit{channel, passes->channels};
    if (passes->channels % lanes)
      frame.mask = kernel.builder.create<arith::CmpIOp>(
          kernel.loc, arith::CmpIPredicate::slt, math.asLanes(channel),
          kernel.elements.vector(kernel.loc, kernel.integer(passes->channels)));
    for (const auto &sums : passes->sums)
      emitPass(kernel, *passes, sums, frame);
    // The sums over other axes have their values already.
    llvm::SmallVector<Operation *> after;
    for (Operation *op : passes->after)
      if (!kernel.elements.isBound(op->getResult(0)))
        after.push_back(op);
    Schedule schedule(after, results, {}, /*scratchElements=*/0, passes->channels);
    for (const Nest &nest : schedule.nests())
      kernel.nests.emit(nest, frame);
  });
  KernelInfo info;
  info.tiles = (passes->channels + lanes - 1) / lanes;
  return info;
}

} // namespace advx::codegen
