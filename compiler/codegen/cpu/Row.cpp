// Kernels of row clusters: a tile is 16 examples. Where an example is short the examples are the
// lanes, else the lanes run along it. Sums over the batch leave one partial a tile; a second
// function adds them up in order and computes what depends on them.

#include "compiler/codegen/cpu/KernelBuilder.h"

#include "compiler/codegen/plan/Layout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "runtime/abi/advx_abi.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

constexpr int64_t kShortExample = 32; ///< elements of one that leaves lanes to the examples
constexpr int64_t kTaskElements = 8192;

/// The body of a row cluster, by when it runs.
struct Phases {
  llvm::SmallVector<Operation *> before; ///< without a batch, and before the sums
  llvm::SmallVector<Operation *> rows;
  llvm::SmallVector<Operation *> after; ///< without a batch: all but batch_sum
  llvm::SmallVector<Value> rowResults, afterResults;
  llvm::SmallVector<BatchSumOp> sums;
  llvm::SmallVector<int64_t> partialOffset; ///< bytes, one a sum
  int64_t partialBytes = 0;
  int64_t longest = 1;
};

Phases split(ClusterOp cluster) {
  Phases phases;
  llvm::DenseSet<Value> late;
  for (Operation &op : cluster.getBody().front().without_terminator()) {
    if (auto sum = dyn_cast<BatchSumOp>(op)) {
      auto same = llvm::find_if(
          phases.sums, [&](BatchSumOp known) { return known.getInput() == sum.getInput(); });
      bool isNew = same == phases.sums.end();
      int64_t known = isNew ? 0 : phases.partialOffset[same - phases.sums.begin()];
      phases.sums.push_back(sum);
      late.insert(sum.getResult());
      if (!isNew) {
        phases.partialOffset.push_back(known);
        continue;
      }
      phases.partialOffset.push_back(phases.partialBytes);
      phases.partialBytes +=
          llvm::alignTo(byteSize(cast<RankedTensorType>(sum.getType())), kStateAlignment);
      continue;
    }
    Type type = op.getResult(0).getType();
    if (!isa<ShapedType>(type))
      continue;
    if (isBatched(type)) {
      phases.rows.push_back(&op);
      phases.longest = std::max(phases.longest, exampleElements(type));
      if (auto product = dyn_cast<MatvecOp>(op))
        phases.longest = std::max(phases.longest, exampleElements(product.getVector().getType()));
      continue;
    }
    phases.after.push_back(&op);
    if (llvm::any_of(op.getOperands(), [&](Value v) { return late.contains(v); }))
      late.insert(op.getResult(0));
    else
      phases.before.push_back(&op);
  }
  for (Value argument : cluster.getBody().getArguments())
    if (isa<ShapedType>(argument.getType()) && isBatched(argument.getType()))
      phases.longest = std::max(phases.longest, exampleElements(argument.getType()));
  llvm::DenseSet<Value> seen;
  for (Value result : cluster.getYield()->getOperands())
    if (seen.insert(result).second)
      (isBatched(result.getType()) ? phases.rowResults : phases.afterResults).push_back(result);
  return phases;
}

/// Reductions of values without a batch that examples read: once a call, before the tiles.
void emitPrologue(KernelBuilder &kernel, const Phases &phases) {
  llvm::SmallVector<Value> wanted;
  for (Operation *op : phases.before)
    if (isReduction(op) && !isa<FirstMaxMaskOp>(op))
      for (Operation *user : op->getUsers())
        if (!isa<YieldOp>(user) && isBatched(user->getResult(0).getType()))
          wanted.push_back(op->getResult(0));
  // A reduction may stand behind other ops without a batch.
  for (Operation *op : phases.before)
    if (!isReduction(op) && llvm::any_of(op->getUsers(), [](Operation *user) {
          return !isa<YieldOp>(user) && isBatched(user->getResult(0).getType());
        })) {
      llvm::SetVector<Operation *> behind;
      behind.insert(op);
      bool reduces = false;
      for (unsigned i = 0; i < behind.size(); ++i)
        for (Value operand : behind[i]->getOperands())
          if (Operation *maker = operand.getDefiningOp()) {
            behind.insert(maker);
            reduces |= isReduction(maker);
          }
      if (reduces)
        wanted.push_back(op->getResult(0));
    }
  if (wanted.empty())
    return;
  Schedule schedule(phases.before, wanted, {}, kScratchElements);
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

/// The sum of the tiles' partials, in order and in f64, over the partial of the first tile.
void addPartials(KernelBuilder &kernel, const Phases &phases, size_t number) {
  BatchSumOp sum = phases.sums[number];
  OpBuilder &builder = kernel.builder;
  Location loc = kernel.loc;
  Type element = getElementTypeOrSelf(sum.getType());
  Value target = partialOf(kernel, phases, number, kernel.integer(0));
  int64_t count = exampleElements(sum.getType());
  int64_t width = element.getIntOrFloatBitWidth() / 8;
  Type f64 = builder.getF64Type();
  bool vectors = count >= kernel.lanes();
  auto sumAt = [&](const Coordinate &at, Value mask) {
    Type wide = vectors ? kernel.target.vectorOf(f64) : f64;
    Value zero = builder.create<arith::ConstantOp>(loc, cast<TypedAttr>(builder.getZeroAttr(wide)));
    auto total = kernel.nests.loop(loc, kernel.integer(0), kernel.end, 1, zero,
                                   [&](Value tile, ValueRange carried) -> llvm::SmallVector<Value> {
                                     Value base = partialOf(kernel, phases, number, tile);
                                     Value part = kernel.target.load(builder, loc, base, element,
                                                                     at, mask, false);
                                     if (width < 8)
                                       part = builder.create<arith::ExtFOp>(loc, wide, part);
                                     return {builder.create<arith::AddFOp>(loc, carried[0], part)};
                                   });
    Value rounded = total[0];
    if (width < 8)
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
  Phases phases = split(cluster);
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
