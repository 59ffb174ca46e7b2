#ifndef ADVX_COMPILER_CODEGEN_HOST_CALLARRAYS_H
#define ADVX_COMPILER_CODEGEN_HOST_CALLARRAYS_H

#include "compiler/codegen/host/ModuleParts.h"

namespace advx::codegen {

/// Where a tensor of a step is: `offset` bytes into the state, or, if it has a batch axis,
/// `offset` times the padded batch into the memory of the batch.
struct Place {
  mlir::RankedTensorType type;
  int64_t offset;
};

/// Where the tensors of a step call lie, as values of the step.
struct Arenas {
  mlir::Value state, batch;
  mlir::Value examples; ///< B
  mlir::Value padded;   ///< B rounded up
};

/// Fills the arrays of a runtime call by one call of a function of the object: all but the
/// arenas is constant there, so a step needs few ops for it.
class CallArrays {
public:
  enum class Kind {
    Descriptors, ///< AdvxTensor
    Addresses,   ///< void *
  };

  explicit CallArrays(ModuleParts &parts) : parts(parts) {}

  /// Writes an entry for each place to `array`.
  void fill(mlir::OpBuilder &builder, mlir::Location loc, Kind kind, mlir::Value array,
            llvm::ArrayRef<Place> places, const Arenas &arenas);

private:
  mlir::LLVM::LLVMFuncOp describer();
  mlir::LLVM::LLVMFuncOp addresser();

  ModuleParts &parts;
  mlir::LLVM::LLVMFuncOp describe, address;
};

} // namespace advx::codegen

#endif
