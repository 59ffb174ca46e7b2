// Kernels of elementwise clusters: flat runs of elements, as long as nothing keeps rows apart.

#include "compiler/codegen/cpu/KernelBuilder.h"

#include "runtime/abi/advx_abi.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

constexpr int64_t kTile = 4096;          ///< elements of a flat tile
constexpr int64_t kTaskElements = 16384; ///< elements that are worth handing to a thread

/// The ops that a value is computed from.
void collect(Value value, llvm::SetVector<Operation *> &ops) {
  Operation *op = value.getDefiningOp();
  if (!op || !ops.insert(op))
    return;
  auto operands = op->getOperands();
  for (Value operand : isa<BatchBroadcastOp>(op) ? operands.take_front() : operands)
    if (isa<ShapedType>(operand.getType()))
      collect(operand, ops);
}

/// Results whose elements come from the same places, so that one loop computes them.
struct Part {
  llvm::SmallVector<Value> results;
  llvm::SetVector<Operation *> ops;
  int64_t elements = 1;
};

std::vector<Part> partsOf(ClusterOp cluster) {
  std::vector<Part> parts;
  llvm::DenseSet<Value> seen;
  for (Value result : cluster.getYield()->getOperands()) {
    if (!seen.insert(result).second)
      continue;
    Part fresh;
    fresh.results.push_back(result);
    fresh.elements = exampleElements(result.getType());
    collect(result, fresh.ops);
    // Takes up every part that shares work with it.
    std::vector<Part> others;
    for (Part &part : parts) {
      bool shares = part.elements == fresh.elements && llvm::any_of(part.ops, [&](Operation *op) {
                      return fresh.ops.contains(op) &&
                             exampleElements(op->getResult(0).getType()) == fresh.elements;
                    });
      if (!shares) {
        others.push_back(std::move(part));
        continue;
      }
      part.results.append(fresh.results);
      part.ops.insert(fresh.ops.begin(), fresh.ops.end());
      fresh = std::move(part);
    }
    others.push_back(std::move(fresh));
    parts = std::move(others);
  }
  return parts;
}

/// Whether the elements of all values may be counted through the rows of the batch: each has
/// the same number of elements an example, or one for all examples.
bool ignoresRows(const Part &part) {
  auto fits = [&](Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type)
      return true;
    if (isBatched(type))
      return exampleElements(type) == part.elements;
    Operation *op = value.getDefiningOp();
    return exampleElements(type) == 1 || (op && isa<ConstantOp>(op));
  };
  for (Operation *op : part.ops) {
    bool flat =
        op->hasTrait<Elementwise>() || isa<ConstantOp, ConstantListOp, SplatOp, ReshapeOp, CopyOp,
                                           StopGradientOp, BatchBroadcastOp, BroadcastOp>(op);
    auto operands = op->getOperands();
    auto read = isa<BatchBroadcastOp>(op) ? operands.take_front() : operands;
    if (!flat || !llvm::all_of(read, fits) || !fits(op->getResult(0)))
      return false;
    if (isa<BroadcastOp>(op) && exampleElements(op->getOperand(0).getType()) != part.elements &&
        isBatched(op->getOperand(0).getType()))
      return false;
  }
  return true;
}

KernelInfo emitBatched(ClusterOp cluster, llvm::StringRef name, const Part &part) {
  KernelBuilder kernel(cluster, name);
  KernelInfo info;
  info.batched = true;
  info.grain = std::max<int64_t>(1, kTaskElements / (ADVX_BATCH_PADDING * part.elements));
  for (Value result : part.results)
    kernel.addResult(result);
  int64_t tile = ADVX_BATCH_PADDING * part.elements;
  // Padding rows hold anything, but they exist, so a run of tiles has no tail.
  kernel.nests.emitFlat(part.results, /*merged=*/true, tile, kernel.multiply(kernel.begin, tile),
                        kernel.multiply(kernel.end, tile), /*tail=*/false);
  return info;
}

/// One part of a cluster without a batch, from tile `first` on; returns its number of tiles.
int64_t emitPart(KernelBuilder &kernel, const Part &part, int64_t first) {
  Schedule schedule(part.ops.getArrayRef(), part.results, {}, /*scratchElements=*/0);
  const Nest &nest = schedule.nests().front();
  Value from = kernel.integer(first);
  int64_t inner = nest.extents.empty() ? 1 : nest.extents.back().size;
  bool flat = nest.extents.size() <= 1 || inner * 2 < kernel.lanes();
  int64_t rows = flat ? kTile : std::max<int64_t>(1, kTile / inner); // of a tile
  int64_t count = flat ? part.elements : part.elements / inner;
  int64_t tiles = (count + rows - 1) / rows;
  kernel.forTiles(from, kernel.integer(first + tiles), [&](Value tile) {
    Value begin = kernel.add(kernel.multiply(tile, rows), kernel.integer(-first * rows));
    Value end = kernel.smaller(kernel.add(begin, kernel.integer(rows)), kernel.integer(count));
    if (flat) {
      kernel.nests.emitFlat(part.results, /*merged=*/false, part.elements, begin, end,
                            part.elements % kernel.lanes() != 0);
      return;
    }
    Nest line = nest;
    line.extents = {{count, false}, {inner, false}};
    kernel.nests.loop(kernel.loc, begin, end, 1, {},
                      [&](Value row, ValueRange) -> llvm::SmallVector<Value> {
                        Frame frame;
                        Coordinate at;
                        at.scalar = row;
                        frame.leading = Digit{at, count};
                        kernel.nests.emit(line, frame);
                        return {};
                      });
  });
  return tiles;
}

} // namespace

KernelInfo emitElementwise(ClusterOp cluster, llvm::StringRef name) {
  std::vector<Part> parts = partsOf(cluster);
  KernelInfo info;
  bool batched = llvm::any_of(cluster.getOutputs().getTypes(), isBatched);
  if (batched) {
    if (parts.size() == 1 && ignoresRows(parts.front()))
      return emitBatched(cluster, name, parts.front());
    return *emitRow(cluster, name);
  }
  KernelBuilder kernel(cluster, name);
  llvm::DenseSet<Value> seen;
  for (Value result : cluster.getYield()->getOperands())
    if (seen.insert(result).second)
      kernel.addResult(result);
  info.tiles = 0;
  for (const Part &part : parts)
    info.tiles += emitPart(kernel, part, info.tiles);
  info.grain = kTaskElements / kTile;
  return info;
}

} // namespace advx::codegen
