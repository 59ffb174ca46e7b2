// Kernels of clusters without a batch that reduce: one tile, so one thread, with the lanes along
// the innermost axis.

#include "compiler/codegen/cpu/KernelBuilder.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {

KernelInfo emitFull(ClusterOp cluster, llvm::StringRef name) {
  KernelBuilder kernel(cluster, name);
  llvm::SmallVector<Operation *> ops;
  for (Operation &op : cluster.getBody().front().without_terminator())
    if (isa<ShapedType>(op.getResult(0).getType()))
      ops.push_back(&op);
  llvm::SmallVector<Value> results;
  for (Value result : cluster.getYield()->getOperands())
    if (!llvm::is_contained(results, result)) {
      results.push_back(result);
      kernel.addResult(result);
    }
  Schedule schedule(ops, results, {}, kScratchElements);
  for (const Nest &nest : schedule.nests())
    kernel.nests.emit(nest, Frame());
  return KernelInfo();
}

} // namespace advx::codegen
