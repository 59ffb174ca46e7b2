#ifndef ADVX_COMPILER_CODEGEN_HOST_STEPLOWERING_H
#define ADVX_COMPILER_CODEGEN_HOST_STEPLOWERING_H

#include "compiler/codegen/host/CallArrays.h"
#include "compiler/codegen/host/ModuleParts.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Support/LogicalResult.h"

namespace advx::codegen {

/// Writes a planned step as an `AdvxStepFunction`: tensors become addresses in the arenas,
/// each tensor op one runtime call, loops stay scf.for over numbers only. Fails with an
/// error at the op that has no runtime call or no place. `step` is left as it was.
mlir::FailureOr<mlir::LLVM::LLVMFuncOp> lowerStep(mlir::func::FuncOp step, ModuleParts &parts,
                                                  CallArrays &arrays);

/// An `AdvxUniformFunction`, and the lengths of its arrays.
struct UniformFunction {
  mlir::LLVM::LLVMFuncOp function;
  int64_t settings = 0, uniforms = 0;
};

/// Writes the function that fills the uniforms; an empty one if `uniforms` is null.
UniformFunction lowerUniforms(mlir::ModuleOp module, mlir::func::FuncOp uniforms,
                              ModuleParts &parts);

} // namespace advx::codegen

#endif
