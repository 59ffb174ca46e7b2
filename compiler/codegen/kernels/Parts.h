#ifndef ADVX_COMPILER_CODEGEN_KERNELS_PARTS_H
#define ADVX_COMPILER_CODEGEN_KERNELS_PARTS_H

#include "dialect/IR/AdvxOps.h"
#include "llvm/ADT/SetVector.h"
#include <vector>

/// The loops of an elementwise cluster.
namespace advx::codegen {

/// Results whose elements come from the same places, so that one loop computes them.
struct Part {
  llvm::SmallVector<mlir::Value> results;
  llvm::SetVector<mlir::Operation *> ops;
  int64_t elements = 1;
};

/// The parts of an elementwise cluster. Each result is in one of them.
std::vector<Part> partsOf(mlir::advx::ClusterOp cluster);

/// Whether the elements of all values may be counted through the rows of the batch: each has
/// the same number of elements an example, or one for all examples.
bool ignoresRows(const Part &part);

} // namespace advx::codegen

#endif
