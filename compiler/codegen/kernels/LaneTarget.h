#ifndef ADVX_COMPILER_CODEGEN_KERNELS_LANETARGET_H
#define ADVX_COMPILER_CODEGEN_KERNELS_LANETARGET_H

#include "compiler/codegen/kernels/Index.h"
#include "mlir/IR/BuiltinTypes.h"

/// All that the emission of kernels has to know about a processor.
namespace advx::codegen {

/// A target computes a fixed number of elements at once, its lanes. Values that are the same in
/// every lane stay scalars. On a target with one lane a "vector" is a scalar too.
class LaneTarget {
public:
  virtual ~LaneTarget() = default;

  /// Lanes of a vector; one number for all element types of a kernel.
  virtual int64_t lanes() const = 0;

  /// Loads an element a lane, or one scalar if the offset, counted in elements, is uniform.
  /// Lanes outside `mask` (null: none) must not be read and hold anything. Memory that nobody
  /// writes while the kernel runs is `invariant`. Booleans are i1, and a byte in memory.
  virtual mlir::Value load(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value base,
                           mlir::Type element, const Coordinate &offset, mlir::Value mask,
                           bool invariant) = 0;

  /// Stores what `load` loads.
  virtual void store(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                     mlir::Value base, mlir::Type element, const Coordinate &offset,
                     mlir::Value mask) = 0;

  /// Lanes over which a reduction runs in the end: those of a vector, and on a GPU those of a
  /// warp. A power of two.
  virtual int64_t reducedLanes() const { return lanes(); }

  /// Lane i of the result is lane i ^ distance of the vector; distance is below reducedLanes().
  virtual mlir::Value exchange(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value vector,
                               int64_t distance) = 0;

  /// Some lane, where all are the same, as a scalar.
  virtual mlir::Value anyLane(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value vector) = 0;

  /// Uninitialised memory of the thread, aligned to 64 bytes; emitted where the builder is,
  /// which is the start of the function.
  virtual mlir::Value scratch(mlir::OpBuilder &builder, mlir::Location loc, int64_t bytes) = 0;

  /// The type of a vector of lanes.
  mlir::Type vectorOf(mlir::Type element) const {
    return lanes() == 1 ? element : mlir::VectorType::get({lanes()}, element);
  }
};

} // namespace advx::codegen

#endif
