// Kernels of channel clusters: a block takes 32 channels, one a lane, so that a warp reads
// neighbours; its warps take turns at the examples. Each sum over the batch is a pass, in which a
// thread adds up in the accumulator what it sees; then all threads of a channel add up what its
// warps found, the first warp's first.

#include "compiler/codegen/gpu/GpuKernel.h"
#include "compiler/codegen/gpu/GpuKernels.h"
#include "compiler/codegen/kernels/Nests.h"
#include "compiler/codegen/kernels/Passes.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

class ChannelEmitter {
public:
  ChannelEmitter(GpuKernel &kernel, const Passes &passes)
      : kernel(kernel), passes(passes), target(1), elements(kernel.builder, target),
        nests(elements, kernel.builder), scope(elements) {
    kernel.bindOperands(elements);
    for (Value result : passes.results)
      for (Value buffer : kernel.buffersOf(result))
        nests.addResult(result, buffer);
  }

  void emit() {
    int64_t groups = (passes.channels + kWarpThreads - 1) / kWarpThreads;
    kernel.loop(kernel.block(), kernel.integer(groups), kernel.blocks(), {},
                [&](Value group, ValueRange) -> llvm::SmallVector<Value> {
                  ElementEmitter::Scope inner(elements);
                  emitChannels(kernel.add(kernel.multiply(group, kWarpThreads), kernel.lane()));
                  return {};
                });
  }

private:
  using Sums = llvm::ArrayRef<BatchSumOp>;

  /// The channel of this thread, which may be one too many: such a thread only waits.
  void emitChannels(Value channel) {
    Value exists = kernel.less(channel, kernel.integer(passes.channels));
    Coordinate at;
    at.scalar = channel;
    frame.last = Digit{at, passes.channels};
    for (Sums sums : passes.sums)
      emitPass(sums, exists);
    // The sums over other axes have their values already.
    llvm::SmallVector<Operation *> after;
    for (Operation *op : passes.after)
      if (!elements.isBound(op->getResult(0)))
        after.push_back(op);
    Schedule schedule(after, passes.results, {}, /*scratchElements=*/0, passes.channels);
    Value isFirst = kernel.less(kernel.warp(), kernel.integer(1));
    kernel.ifThen(kernel.builder.create<arith::AndIOp>(kernel.loc, exists, isFirst), [&] {
      ElementEmitter::Scope inner(elements);
      for (const Nest &nest : schedule.nests())
        nests.emit(nest, frame);
    });
  }

  void emitPass(Sums sums, Value exists) {
    OpBuilder &builder = kernel.builder;
    Location loc = kernel.loc;
    llvm::SmallVector<Value> inputs;
    llvm::DenseMap<Value, Value> totals; ///< a slot a warp and lane
    for (BatchSumOp sum : sums) {
      if (totals.count(sum.getInput()))
        continue;
      inputs.push_back(sum.getInput());
      Type wide = accumulatorOf(getElementTypeOrSelf(sum.getType()));
      Value slots = kernel.shareInBlock(elementBytes(wide) * kBlockWarps * kWarpThreads);
      totals[sum.getInput()] = slots;
      Value mine = kernel.shifted(slots, kernel.multiply(kernel.thread(), elementBytes(wide)));
      Value zero = builder.create<arith::ConstantOp>(loc, builder.getFloatAttr(wide, 0.0));
      target.store(builder, loc, zero, mine, wide, Coordinate(), Value());
      nests.setPartial(sum.getInput(), mine);
    }
    Schedule schedule(passes.rows, {}, inputs, /*scratchElements=*/0, passes.channels);
    kernel.ifThen(exists, [&] {
      kernel.loop(kernel.warp(), kernel.batch, kernel.warps(), {},
                  [&](Value row, ValueRange) -> llvm::SmallVector<Value> {
                    ElementEmitter::Scope inner(elements);
                    frame.row.scalar = row;
                    for (const Nest &nest : schedule.nests())
                      nests.emit(nest, frame);
                    return {};
                  });
    });
    frame.row = Coordinate();
    kernel.syncBlock();
    for (BatchSumOp sum : sums) {
      Type element = getElementTypeOrSelf(sum.getType()), wide = accumulatorOf(element);
      Value total = addWarps(totals.lookup(sum.getInput()), wide);
      if (element != wide)
        total = builder.create<arith::TruncFOp>(loc, element, total);
      elements.bind(sum.getResult(), Place{Place::number, total, false});
      if (!isPerChannel(sum.getType(), passes.channels))
        for (Operation *user : sum->getUsers())
          elements.bind(user->getResult(0), Place{Place::number, total, false});
    }
    // The next group of channels writes the same slots; another pass has a barrier of its own.
    if (passes.sums.size() == 1)
      kernel.syncBlock();
  }

  Value addWarps(Value slots, Type wide) {
    Value column = kernel.shifted(slots, kernel.multiply(kernel.lane(), elementBytes(wide)));
    Value zero = kernel.builder.create<arith::ConstantOp>(kernel.loc,
                                                          kernel.builder.getFloatAttr(wide, 0.0));
    return kernel.loop(
        kernel.integer(0), kernel.warps(), kernel.integer(1), zero,
        [&](Value warp, ValueRange carried) -> llvm::SmallVector<Value> {
          Coordinate at;
          at.scalar = kernel.multiply(warp, kWarpThreads);
          Value part = target.load(kernel.builder, kernel.loc, column, wide, at, Value(), false);
          return {kernel.builder.create<arith::AddFOp>(kernel.loc, carried[0], part)};
        })[0];
  }

  GpuKernel &kernel;
  const Passes &passes;
  ThreadTarget target;
  ElementEmitter elements;
  NestEmitter nests;
  ElementEmitter::Scope scope;
  Frame frame;
};

} // namespace

LogicalResult emitGpuChannel(ClusterOp cluster, gpu::GPUModuleOp module, llvm::StringRef name) {
  FailureOr<Passes> passes = passesOf(cluster);
  if (failed(passes))
    return failure();
  GpuKernel kernel(cluster, module, name, /*hasPartials=*/false);
  ChannelEmitter(kernel, *passes).emit();
  return kernel.finish(/*rowsPerWarp=*/0, /*oneBlock=*/false, /*partialBytes=*/0);
}

} // namespace advx::codegen
