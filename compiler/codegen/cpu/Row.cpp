// Kernels of row clusters: a tile is 16 examples. Where an example is short the examples are the
// lanes, else the lanes run along it. Sums over the batch leave one partial a tile; a second
// function adds them up in order and computes what depends on them.

#include "compiler/codegen/cpu/KernelBuilder.h"
#include "compiler/codegen/kernels/Phases.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "runtime/abi/advx_abi.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

constexpr int64_t kShortExample = 32; ///< elements of one that leaves lanes to the examples
constexpr int64_t kTaskElements = 8192;

/// What examples read of values without a batch that reduce: once a call, before the tiles.
void emitPrologue(KernelBuilder &kernel, const Phases &phases) {
  if (phases.prologue.empty())
    return;
  Schedule schedule(phases.before, phases.prologue, {}, kScratchElements);
  for (const Nest &nest : schedule.nests())
    kernel.nests.emit(nest, Frame());
}

Value partialOf(KernelBuilder &kernel, const Phases &phases, size_t sum, Value tile) {
  Value bytes = kernel.add(kernel.multiply(tile, phases.partialBytes),
                           kernel.integer(phases.partialOffset[sum]));
  return kernel.shifted(kernel.partials, bytes);
}

void emitRows(KernelBuilder &kernel, const Phases &phases) {
  for (Value result : phases.rowResults)
    kernel.addResult(result);
  llvm::SmallVector<Value> summed;
  for (BatchSumOp sum : phases.sums)
    if (!llvm::is_contained(summed, sum.getInput()))
      summed.push_back(sum.getInput());
  emitPrologue(kernel, phases);
  Schedule schedule(phases.rows, phases.rowResults, summed, kScratchElements);
  OpBuilder &builder = kernel.builder;
  Location loc = kernel.loc;
  kernel.forTiles(nullptr, nullptr, [&](Value tile) {
    for (size_t i = 0; i < phases.sums.size(); ++i)
      kernel.nests.setPartial(BatchSumOp(phases.sums[i]).getInput(),
                              partialOf(kernel, phases, i, tile));
    Value first = kernel.multiply(tile, ADVX_BATCH_PADDING);
    Frame frame;
    if (phases.partialBytes)
      builder.create<LLVM::MemsetOp>(
          loc, partialOf(kernel, phases, 0, tile),
          builder.create<LLVM::ConstantOp>(loc, builder.getI8IntegerAttr(0)),
          builder.create<LLVM::ConstantOp>(loc, builder.getI64IntegerAttr(phases.partialBytes)),
          /*isVolatile=*/false);
    if (phases.longest <= kShortExample) {
      // A tile may be more than one vector of examples.
      Value padded = kernel.add(first, kernel.integer(ADVX_BATCH_PADDING));
      kernel.nests.loop(loc, first, padded, kernel.lanes(), {},
                        [&](Value row, ValueRange) -> llvm::SmallVector<Value> {
                          frame.row.step = 1;
                          frame.row.scalar = row;
                          IndexMath math(builder, loc, kernel.lanes());
                          kernel.nests.setRows(builder.create<arith::CmpIOp>(
                              loc, arith::CmpIPredicate::slt, math.asLanes(frame.row),
                              kernel.elements.vector(loc, kernel.batch)));
                          for (const Nest &nest : schedule.nests())
                            kernel.nests.emit(nest, frame);
                          return {};
                        });
      return;
    }
    Value last =
        kernel.smaller(kernel.add(first, kernel.integer(ADVX_BATCH_PADDING)), kernel.batch);
    kernel.nests.loop(loc, first, last, 1, {},
                      [&](Value row, ValueRange) -> llvm::SmallVector<Value> {
                        frame.row.scalar = row;
                        for (const Nest &nest : schedule.nests())
                          kernel.nests.emit(nest, frame);
                        return {};
                      });
  });
}

/// The sum of the tiles' partials, in order and in the accumulator, over the partial of the first
/// tile.
void addPartials(KernelBuilder &kernel, const Phases &phases, size_t number) {
  BatchSumOp sum = phases.sums[number];
  OpBuilder &builder = kernel.builder;
  Location loc = kernel.loc;
  Type element = getElementTypeOrSelf(sum.getType());
  Value target = partialOf(kernel, phases, number, kernel.integer(0));
  int64_t count = exampleElements(sum.getType());
  Type accumulator = accumulatorOf(element);
  bool vectors = count >= kernel.lanes();
  auto sumAt = [&](const Coordinate &at, Value mask) {
    Type wide = vectors ? kernel.target.vectorOf(accumulator) : accumulator;
    Value zero = builder.create<arith::ConstantOp>(loc, cast<TypedAttr>(builder.getZeroAttr(wide)));
    auto total = kernel.nests.loop(loc, kernel.integer(0), kernel.end, 1, zero,
                                   [&](Value tile, ValueRange carried) -> llvm::SmallVector<Value> {
                                     Value base = partialOf(kernel, phases, number, tile);
                                     Value part = kernel.target.load(builder, loc, base, element,
                                                                     at, mask, false);
                                     if (element != accumulator)
                                       part = builder.create<arith::ExtFOp>(loc, wide, part);
                                     return {builder.create<arith::AddFOp>(loc, carried[0], part)};
                                   });
    Value rounded = total[0];
    if (element != accumulator)
      rounded = builder.create<arith::TruncFOp>(
          loc, vectors ? kernel.target.vectorOf(element) : element, rounded);
    kernel.target.store(builder, loc, rounded, target, element, at, mask);
  };
  int64_t step = vectors ? kernel.lanes() : 1;
  int64_t whole = count / step * step;
  kernel.nests.loop(loc, kernel.integer(0), kernel.integer(whole), step, {},
                    [&](Value counter, ValueRange) -> llvm::SmallVector<Value> {
                      Coordinate at;
                      at.scalar = counter;
                      at.step = vectors ? 1 : 0;
                      sumAt(at, Value());
                      return {};
                    });
  if (whole < count) {
    Coordinate at;
    at.constant = whole;
    at.step = 1;
    llvm::SmallVector<bool> exists;
    for (int64_t lane = 0; lane < step; ++lane)
      exists.push_back(whole + lane < count);
    auto type = VectorType::get({step}, builder.getI1Type());
    sumAt(at, builder.create<arith::ConstantOp>(
                  loc, DenseElementsAttr::get(type, llvm::ArrayRef<bool>(exists))));
  }
}

} // namespace

FailureOr<KernelInfo> emitRow(ClusterOp cluster, llvm::StringRef name) {
  Phases phases = phasesOf(cluster);
  KernelInfo info;
  info.batched = true;
  info.partialBytes = phases.partialBytes;
  info.grain = std::max<int64_t>(1, kTaskElements / (ADVX_BATCH_PADDING * phases.longest));
  {
    KernelBuilder kernel(cluster, name);
    emitRows(kernel, phases);
  }
  if (phases.afterResults.empty())
    return info;
  KernelBuilder kernel(cluster, (name + kFinishSuffix).str());
  for (Value result : phases.afterResults)
    kernel.addResult(result);
  llvm::DenseMap<Value, size_t> added;
  for (size_t i = 0; i < phases.sums.size(); ++i) {
    BatchSumOp sum = phases.sums[i];
    auto [known, isNew] = added.try_emplace(sum.getInput(), i);
    if (isNew)
      addPartials(kernel, phases, i);
    Value total = partialOf(kernel, phases, known->second, kernel.integer(0));
    kernel.elements.bind(sum.getResult(), Place{Place::memory, total, false});
  }
  Schedule schedule(phases.after, phases.afterResults, {}, kScratchElements);
  for (const Nest &nest : schedule.nests())
    kernel.nests.emit(nest, Frame());
  return info;
}

} // namespace advx::codegen
