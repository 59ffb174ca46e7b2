// Kernels of elementwise clusters: grid-stride loops over four consecutive elements a thread, and
// one element a thread for what is left.

#include "compiler/codegen/gpu/GpuKernel.h"
#include "compiler/codegen/gpu/GpuKernels.h"
#include "compiler/codegen/kernels/Parts.h"
#include "compiler/codegen/kernels/Schedule.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

constexpr int64_t kLanes = 4;

/// Emits the elements of one part for one kind of thread: of four lanes, or of one.
class PartEmitter {
public:
  PartEmitter(GpuKernel &kernel, const Part &part, int64_t lanes)
      : kernel(kernel), part(part), target(lanes), elements(kernel.builder, target),
        scope(elements) {
    kernel.bindOperands(elements);
  }

  /// The elements from `begin` on, counted through the batch.
  void emitAt(Value begin) {
    ElementEmitter::Scope inner(elements);
    Index index = indexAt(begin);
    Location loc = kernel.loc;
    for (Value value : part.results) {
      Value element = elements.element(value, index);
      Coordinate where = elements.offset(value.getType(), index, Place::memory, loc);
      if (!where.uniform())
        element = elements.vector(loc, element);
      for (Value buffer : kernel.buffersOf(value))
        target.store(kernel.builder, loc, element, buffer, getElementTypeOrSelf(element.getType()),
                     where, Value());
    }
  }

private:
  Index indexAt(Value begin) {
    Index index;
    Coordinate run;
    run.scalar = begin;
    run.step = target.lanes() > 1 ? 1 : 0;
    IndexMath math(kernel.builder, kernel.loc, target.lanes());
    Coordinate place = run;
    if (isBatched(part.results.front().getType())) {
      index.flat = run;
      auto [row, inRow] = split(math, run, part.elements);
      index.row = row;
      place = inRow;
    }
    // The axes that a broadcast tells apart, where no run of lanes crosses them.
    Schedule schedule(part.ops.getArrayRef(), part.results, {}, /*scratchElements=*/0);
    const auto &extents = schedule.nests().front().extents;
    int64_t behind = part.elements;
    for (const Extent &extent : extents) {
      behind /= extent.size;
      if (&extent == &extents.back() || behind % target.lanes()) {
        index.digits.push_back({place, extent.size * behind});
        break;
      }
      auto [digit, rest] = split(math, place, behind);
      index.digits.push_back({digit, extent.size});
      place = rest;
    }
    return index;
  }

  /// Quotient and remainder by `extent`, the quotient the same for all lanes if it can be.
  std::pair<Coordinate, Coordinate> split(IndexMath &math, const Coordinate &run, int64_t extent) {
    if (extent % target.lanes() || run.lanes)
      return {math.divide(run, extent), math.remainder(run, extent)};
    Coordinate first = run;
    first.step = 0;
    Coordinate rest = math.remainder(first, extent);
    rest.step = run.step;
    return {math.divide(first, extent), rest};
  }

  GpuKernel &kernel;
  const Part &part;
  ThreadTarget target;
  ElementEmitter elements;
  ElementEmitter::Scope scope;
};

void emitPart(GpuKernel &kernel, const Part &part) {
  bool batched = isBatched(part.results.front().getType());
  Value total =
      batched ? kernel.multiply(kernel.batch, part.elements) : kernel.integer(part.elements);
  Value rest = kernel.builder.create<arith::RemUIOp>(kernel.loc, total, kernel.integer(kLanes));
  Value whole = kernel.builder.create<arith::SubIOp>(kernel.loc, total, rest);
  Value thread = kernel.add(kernel.multiply(kernel.block(), kernel.threads()), kernel.thread());
  Value stride = kernel.multiply(kernel.multiply(kernel.blocks(), kernel.threads()), kLanes);
  if (batched || part.elements >= kLanes)
    kernel.loop(kernel.multiply(thread, kLanes), whole, stride, {},
                [&](Value begin, ValueRange) -> llvm::SmallVector<Value> {
                  PartEmitter(kernel, part, kLanes).emitAt(begin);
                  return {};
                });
  if (!batched && part.elements % kLanes == 0)
    return;
  kernel.ifThen(kernel.less(thread, rest),
                [&] { PartEmitter(kernel, part, 1).emitAt(kernel.add(whole, thread)); });
}

} // namespace

LogicalResult emitGpuElementwise(ClusterOp cluster, gpu::GPUModuleOp module, llvm::StringRef name) {
  std::vector<Part> parts = partsOf(cluster);
  llvm::SmallVector<Type> types(cluster.getOutputs().getTypes());
  bool batched = llvm::any_of(types, isBatched);
  // What has no batch must not be written once for each example.
  if (batched && !llvm::all_of(types, isBatched))
    return emitGpuRow(cluster, module, name);
  GpuKernel kernel(cluster, module, name, /*hasPartials=*/false);
  for (const Part &part : parts)
    emitPart(kernel, part);
  return kernel.finish(/*rowsPerWarp=*/0, /*oneBlock=*/false, /*partialBytes=*/0);
}

} // namespace advx::codegen
