// Kernels of channel clusters: a tile is as many channels as there are lanes. Each sum over the
// batch is a pass over it; a sum that depends on another one comes a pass later.

#include "compiler/codegen/cpu/KernelBuilder.h"
#include "compiler/codegen/kernels/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

/// One walk over the batch for sums that depend on no other of the same walk.
void emitPass(KernelBuilder &kernel, const Passes &passes, llvm::ArrayRef<BatchSumOp> sums,
              Frame &frame) {
  OpBuilder &builder = kernel.builder;
  Location loc = kernel.loc;
  Coordinate lanes;
  lanes.step = 1;
  llvm::SmallVector<Value> inputs;
  llvm::DenseMap<Value, Value> totals;
  for (BatchSumOp sum : sums) {
    if (totals.count(sum.getInput()))
      continue;
    inputs.push_back(sum.getInput());
    Type wide = accumulatorOf(getElementTypeOrSelf(sum.getType()));
    Value total = kernel.target.scratch(kernel.entry, loc, elementBytes(wide) * kernel.lanes());
    totals[sum.getInput()] = total;
    Type vector = kernel.target.vectorOf(wide);
    Value zero =
        builder.create<arith::ConstantOp>(loc, cast<TypedAttr>(builder.getZeroAttr(vector)));
    kernel.target.store(builder, loc, zero, total, wide, lanes, Value());
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
    Type element = getElementTypeOrSelf(sum.getType()), wide = accumulatorOf(element);
    Value total = kernel.target.load(builder, loc, totals.lookup(sum.getInput()), wide, lanes,
                                     Value(), false);
    if (element != wide)
      total = builder.create<arith::TruncFOp>(loc, kernel.target.vectorOf(element), total);
    kernel.elements.bind(sum.getResult(), Place{Place::number, total, false});
    if (!isPerChannel(sum.getType(), passes.channels))
      for (Operation *user : sum->getUsers())
        kernel.elements.bind(user->getResult(0), Place{Place::number, total, false});
  }
}

} // namespace

FailureOr<KernelInfo> emitChannel(ClusterOp cluster, llvm::StringRef name) {
  FailureOr<Passes> passes = passesOf(cluster);
  if (failed(passes))
    return failure();
  KernelBuilder kernel(cluster, name);
  for (Value result : passes->results)
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
    Schedule schedule(after, passes->results, {}, /*scratchElements=*/0, passes->channels);
    for (const Nest &nest : schedule.nests())
      kernel.nests.emit(nest, frame);
  });
  KernelInfo info;
  info.tiles = (passes->channels + lanes - 1) / lanes;
  return info;
}

} // namespace advx::codegen
