#ifndef ADVX_COMPILER_CODEGEN_KERNELS_SCHEDULE_H
#define ADVX_COMPILER_CODEGEN_KERNELS_SCHEDULE_H

#include "dialect/IR/AdvxOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include <vector>

/// In which loops the values of a cluster are computed.
namespace advx::codegen {

/// Neighbouring axes of a nest, collapsed.
struct Extent {
  int64_t size = 1;
  bool reduced = false;
  bool operator==(const Extent &other) const {
    return size == other.size && reduced == other.reduced;
  }
};

/// Loops over one shape, and what they compute for each element.
struct Nest {
  int64_t level = 0;
  int64_t elements = 1;
  llvm::SmallVector<Extent> extents;               ///< row-major
  llvm::SmallVector<mlir::Value> made;             ///< written to memory
  llvm::SmallVector<mlir::Operation *> reductions; ///< over the reduced extents
  llvm::SmallVector<mlir::Value> sums;             ///< added up over the batch
};

/// Whether anybody but the cluster's end reads the value.
bool isReadInside(mlir::Value value);

/// Whether the op combines many elements of an example of its operands into one of the result.
bool isReduction(mlir::Operation *op);

/// What some ops of a cluster, those of an example or those without a batch, become: loop
/// nests in the order in which they run. Elements of a value that is not made anywhere are
/// computed where they are read. A value is made if it is wanted, a reduction, the vector of a
/// product, or expensive and read in more than one nest.
class Schedule {
public:
  /// `ops` in their order; other ops' results are read from where they lie. `results` are to be
  /// written, `sums` to be added up over the batch. Nothing else is made if it has more than
  /// `scratchElements` elements. All nests end in an axis of `lastExtent` elements, unless 0.
  Schedule(llvm::ArrayRef<mlir::Operation *> ops, llvm::ArrayRef<mlir::Value> results,
           llvm::ArrayRef<mlir::Value> sums, int64_t scratchElements, int64_t lastExtent = 0);

  const std::vector<Nest> &nests() const { return order; }

private:
  void findLevels();
  void placeReductions();
  void placeResults();
  void findExpensive();
  void placeShared();
  void findExtents(Nest &nest);
  void collectBreaks(const Nest &nest, mlir::Value value, llvm::SmallVectorImpl<int64_t> &breaks,
                     llvm::DenseSet<mlir::Value> &seen);
  int nestFor(int64_t level, int64_t elements, llvm::ArrayRef<Extent> extents);
  int nestFor(mlir::Value made, bool mayWait);
  int64_t levelOf(mlir::Value value) { return levels.lookup(value); }

  llvm::SetVector<mlir::Operation *> needed; ///< in order
  llvm::ArrayRef<mlir::Value> results, sums;
  int64_t scratchElements, lastExtent;
  llvm::DenseMap<mlir::Value, int64_t> levels;
  llvm::DenseMap<mlir::Operation *, int64_t> reductionLevels;
  llvm::DenseMap<mlir::Operation *, int> nestOfReduction;
  llvm::DenseMap<mlir::Value, int> nestOfMade;
  llvm::DenseSet<mlir::Value> vectors;         ///< of products
  llvm::DenseSet<mlir::Operation *> expensive; ///< too long to compute again
  std::vector<Nest> building;
  std::vector<Nest> order;
};

} // namespace advx::codegen

#endif
