#ifndef ADVX_COMPILER_CODEGEN_CPU_VECTORTARGET_H
#define ADVX_COMPILER_CODEGEN_CPU_VECTORTARGET_H

#include "compiler/codegen/kernels/LaneTarget.h"

namespace advx::codegen {

/// Lanes of vector registers, as wide as LLVM cares to split them.
class VectorTarget : public LaneTarget {
public:
  explicit VectorTarget(int64_t lanes) : count(lanes) {}

  int64_t lanes() const override { return count; }
  mlir::Value load(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value base,
                   mlir::Type element, const Coordinate &offset, mlir::Value mask,
                   bool invariant) override;
  void store(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::Value base,
             mlir::Type element, const Coordinate &offset, mlir::Value mask) override;
  mlir::Value exchange(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value vector,
                       int64_t distance) override;
  mlir::Value anyLane(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value vector) override;
  mlir::Value scratch(mlir::OpBuilder &builder, mlir::Location loc, int64_t bytes) override;

private:
  int64_t count;
};

} // namespace advx::codegen

#endif
