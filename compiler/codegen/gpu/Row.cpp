// Kernels of row clusters: a warp computes an example, its lanes along it. Sums over the batch are
// added up by each warp in its own shared memory, then by the block in the order of its warps; that
// is the partial of a tile of examples. A second kernel, of one block, adds the partials in order
// and computes what depends on them: the same bits for any grid.

#include "compiler/codegen/gpu/GpuKernels.h"
#include "compiler/codegen/gpu/GroupNests.h"
#include "compiler/codegen/kernels/Phases.h"
#include "runtime/abi/advx_abi.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

/// Elements that a value may have to be kept in shared memory rather than computed again.
constexpr int64_t kSharedElements = 1024;

/// A sum over the batch: where its partial lies among those of a tile.
struct Sum {
  BatchSumOp op;
  int64_t offset, elements;
  Type type;
  Value partial; ///< of this warp
};

llvm::SmallVector<Sum> differentSums(const Phases &phases) {
  llvm::SmallVector<Sum> sums;
  llvm::DenseSet<Value> seen;
  for (auto [op, offset] : llvm::zip(phases.sums, phases.partialOffset)) {
    BatchSumOp sum = op;
    if (seen.insert(sum.getInput()).second)
      sums.push_back({sum, offset, exampleElements(sum.getType()),
                      getElementTypeOrSelf(sum.getType()), Value()});
  }
  return sums;
}

/// The memory of a sum's partial of a tile.
Value partialOf(GpuKernel &kernel, const Phases &phases, const Sum &sum, Value tile) {
  return kernel.shifted(kernel.partials, kernel.add(kernel.multiply(tile, phases.partialBytes),
                                                    kernel.integer(sum.offset)));
}

Coordinate at(Value scalar) {
  Coordinate where;
  where.scalar = scalar;
  return where;
}

Value zeroOf(GpuKernel &kernel, Type type) {
  return kernel.builder.create<arith::ConstantOp>(
      kernel.loc, cast<TypedAttr>(kernel.builder.getZeroAttr(type)));
}

/// The rows of a cluster, in the making.
class RowEmitter {
public:
  RowEmitter(GpuKernel &kernel, const Phases &phases)
      : kernel(kernel), phases(phases), target(1), elements(kernel.builder, target),
        scope(elements), warp(kernel, elements, Group::warp), block(kernel, elements, Group::block),
        sums(differentSums(phases)) {
    kernel.bindOperands(elements);
  }

  void emit() {
    if (!phases.prologue.empty()) {
      block.leaveResults();
      block.emit(Schedule(phases.before, phases.prologue, {}, kSharedElements), Value());
    }
    if (sums.empty()) {
      Value first = kernel.add(kernel.multiply(kernel.block(), kernel.warps()), kernel.warp());
      emitRows(first, kernel.batch, kernel.multiply(kernel.blocks(), kernel.warps()));
      return;
    }
    for (Sum &sum : sums) {
      sum.partial = kernel.shareInWarp(sum.elements * elementBytes(sum.type));
      warp.setPartial(sum.op.getInput(), sum.partial);
    }
    Value rounded = kernel.add(kernel.batch, kernel.integer(ADVX_BATCH_PADDING - 1));
    Value tiles = kernel.builder.create<arith::DivUIOp>(kernel.loc, rounded,
                                                        kernel.integer(ADVX_BATCH_PADDING));
    kernel.loop(kernel.block(), tiles, kernel.blocks(), {},
                [&](Value tile, ValueRange) -> llvm::SmallVector<Value> {
                  ElementEmitter::Scope inner(elements);
                  emitTile(tile);
                  return {};
                });
  }

private:
  void emitTile(Value tile) {
    for (const Sum &sum : sums)
      warp.deal(sum.elements, [&](Value place) {
        target.store(kernel.builder, kernel.loc, zeroOf(kernel, sum.type), sum.partial, sum.type,
                     at(place), Value());
      });
    Value first = kernel.multiply(tile, ADVX_BATCH_PADDING);
    Value end = kernel.smaller(kernel.add(first, kernel.integer(ADVX_BATCH_PADDING)), kernel.batch);
    emitRows(kernel.add(first, kernel.warp()), end, kernel.warps());
    kernel.syncBlock();
    for (const Sum &sum : sums)
      block.deal(sum.elements, [&](Value place) { addWarps(sum, tile, place); });
    kernel.syncBlock();
  }

  void emitRows(Value first, Value end, Value step) {
    llvm::SmallVector<Value> summed;
    for (const Sum &sum : sums)
      summed.push_back(BatchSumOp(sum.op).getInput());
    Schedule schedule(phases.rows, phases.rowResults, summed, kSharedElements);
    kernel.loop(first, end, step, {}, [&](Value row, ValueRange) -> llvm::SmallVector<Value> {
      ElementEmitter::Scope inner(elements);
      // The last example has been read, and the partials are cleared.
      kernel.syncWarp();
      warp.emit(schedule, row);
      return {};
    });
  }

  /// One element of the tile's partial: those of the warps, the first warp's first.
  void addWarps(const Sum &sum, Value tile, Value place) {
    Value total =
        kernel.loop(kernel.integer(0), kernel.warps(), kernel.integer(1), zeroOf(kernel, sum.type),
                    [&](Value other, ValueRange carried) -> llvm::SmallVector<Value> {
                      Value part = target.load(kernel.builder, kernel.loc,
                                               kernel.sharedOfWarp(sum.partial, other), sum.type,
                                               at(place), Value(), false);
                      return {kernel.builder.create<arith::AddFOp>(kernel.loc, carried[0], part)};
                    })[0];
    target.store(kernel.builder, kernel.loc, total, partialOf(kernel, phases, sum, tile), sum.type,
                 at(place), Value());
  }

  GpuKernel &kernel;
  const Phases &phases;
  ThreadTarget target;
  ElementEmitter elements;
  ElementEmitter::Scope scope;
  GroupNests warp, block;
  llvm::SmallVector<Sum> sums;
};

/// Adds up the tiles' partials in order and in the accumulator, over the partial of the first tile.
void addTiles(GpuKernel &kernel, const Phases &phases, const Sum &sum, GroupNests &block,
              ThreadTarget &target) {
  OpBuilder &builder = kernel.builder;
  Type wide = accumulatorOf(sum.type);
  Value rounded = kernel.add(kernel.batch, kernel.integer(ADVX_BATCH_PADDING - 1));
  Value tiles =
      builder.create<arith::DivUIOp>(kernel.loc, rounded, kernel.integer(ADVX_BATCH_PADDING));
  block.deal(sum.elements, [&](Value place) {
    Value total =
        kernel.loop(kernel.integer(0), tiles, kernel.integer(1), zeroOf(kernel, wide),
                    [&](Value tile, ValueRange carried) -> llvm::SmallVector<Value> {
                      Value part =
                          target.load(builder, kernel.loc, partialOf(kernel, phases, sum, tile),
                                      sum.type, at(place), Value(), false);
                      if (sum.type != wide)
                        part = builder.create<arith::ExtFOp>(kernel.loc, wide, part);
                      return {builder.create<arith::AddFOp>(kernel.loc, carried[0], part)};
                    })[0];
    if (sum.type != wide)
      total = builder.create<arith::TruncFOp>(kernel.loc, sum.type, total);
    target.store(builder, kernel.loc, total, partialOf(kernel, phases, sum, kernel.integer(0)),
                 sum.type, at(place), Value());
  });
}

LogicalResult emitFinish(ClusterOp cluster, gpu::GPUModuleOp module, llvm::StringRef name,
                         const Phases &phases) {
  GpuKernel kernel(cluster, module, name, !phases.sums.empty());
  ThreadTarget target(1);
  ElementEmitter elements(kernel.builder, target);
  ElementEmitter::Scope scope(elements);
  GroupNests block(kernel, elements, Group::block);
  kernel.bindOperands(elements);
  llvm::DenseMap<Value, Value> totals;
  for (const Sum &sum : differentSums(phases)) {
    addTiles(kernel, phases, sum, block, target);
    totals[BatchSumOp(sum.op).getInput()] = partialOf(kernel, phases, sum, kernel.integer(0));
  }
  for (BatchSumOp sum : phases.sums)
    elements.bind(sum.getResult(), Place{Place::memory, totals.lookup(sum.getInput()), false});
  block.sync();
  block.emit(Schedule(phases.after, phases.afterResults, {}, kSharedElements), Value());
  return kernel.finish(/*rowsPerWarp=*/0, /*oneBlock=*/true, phases.partialBytes);
}

} // namespace

LogicalResult emitGpuRow(ClusterOp cluster, gpu::GPUModuleOp module, llvm::StringRef name) {
  Phases phases = phasesOf(cluster);
  bool hasRows = !phases.rowResults.empty() || !phases.sums.empty();
  if (hasRows) {
    GpuKernel kernel(cluster, module, name, !phases.sums.empty());
    RowEmitter(kernel, phases).emit();
    if (failed(kernel.finish(/*rowsPerWarp=*/1, /*oneBlock=*/false, phases.partialBytes)))
      return failure();
  }
  if (phases.afterResults.empty())
    return success();
  return emitFinish(cluster, module, hasRows ? (name + kGpuFinishSuffix).str() : name.str(),
                    phases);
}

LogicalResult emitGpuFull(ClusterOp cluster, gpu::GPUModuleOp module, llvm::StringRef name) {
  GpuKernel kernel(cluster, module, name, /*hasPartials=*/false);
  ThreadTarget target(1);
  ElementEmitter elements(kernel.builder, target);
  ElementEmitter::Scope scope(elements);
  GroupNests block(kernel, elements, Group::block);
  kernel.bindOperands(elements);
  llvm::SmallVector<Operation *> ops;
  for (Operation &op : cluster.getBody().front().without_terminator())
    if (isa<ShapedType>(op.getResult(0).getType()))
      ops.push_back(&op);
  llvm::SetVector<Value> results;
  for (Value result : cluster.getYield()->getOperands())
    results.insert(result);
  block.emit(Schedule(ops, results.getArrayRef(), {}, kSharedElements), Value());
  return kernel.finish(/*rowsPerWarp=*/0, /*oneBlock=*/true, /*partialBytes=*/0);
}

} // namespace advx::codegen
