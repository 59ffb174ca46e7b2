// Kernels of elementwise clusters: flat runs of elements, as long as nothing keeps rows apart.

#include "compiler/codegen/cpu/KernelBuilder.h"
#include "compiler/codegen/kernels/Parts.h"

#include "runtime/abi/advx_abi.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

constexpr int64_t kTile = 4096;          ///< elements of a flat tile
constexpr int64_t kTaskElements = 16384; ///< elements that are worth handing to a thread

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
