#ifndef ADVX_COMPILER_CODEGEN_GPU_THREADTARGET_H
#define ADVX_COMPILER_CODEGEN_GPU_THREADTARGET_H

#include "compiler/codegen/kernels/LaneTarget.h"

namespace advx::codegen {

/// What one GPU thread computes at once: one element, or four consecutive ones that it loads and
/// stores in 16 bytes where they are aligned. Coordinates may differ from thread to thread; a
/// uniform one is uniform over the lanes of a thread only. Addresses keep their address space.
class ThreadTarget : public LaneTarget {
public:
  explicit ThreadTarget(int64_t lanes) : count(lanes) {}

  int64_t lanes() const override { return count; }
  mlir::Value load(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value base,
                   mlir::Type element, const Coordinate &offset, mlir::Value mask,
                   bool invariant) override;
  void store(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::Value base,
             mlir::Type element, const Coordinate &offset, mlir::Value mask) override;

  /// The threads of a warp.
  int64_t reducedLanes() const override { return 32; }
  /// From thread to thread; all 32 of the warp must be here.
  mlir::Value exchange(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                       int64_t distance) override;
  mlir::Value anyLane(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value) override {
    return value;
  }
  /// A thread has no memory of its own that is not slow: never called.
  mlir::Value scratch(mlir::OpBuilder &builder, mlir::Location loc, int64_t bytes) override;

private:
  int64_t count;
};

/// Whether an i64 is a multiple of a power of two whatever the arguments of the kernel, as far as
/// its arithmetic shows.
bool isMultipleOf(mlir::Value value, int64_t factor);

} // namespace advx::codegen

#endif
