#ifndef ADVX_COMPILER_CODEGEN_PLAN_PLAN_H
#define ADVX_COMPILER_CODEGEN_PLAN_PLAN_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include <memory>

/// The plan: where each tensor of a step lies.
///
/// Input and result are the same functions (compiler/codegen/host/README.md has the
/// form); the plan adds attributes, and `advx.copy` where two loop-carried values or
/// two state leaves change places. Offsets are bytes, in the units of
/// runtime/abi/advx_abi.h: per padded example for a batched type, else absolute.
namespace advx::codegen {

/// Attributes that the planner reads.
inline constexpr llvm::StringLiteral kStepAttr = "advx.step";         ///< function: a step
inline constexpr llvm::StringLiteral kUniformsAttr = "advx.uniforms"; ///< function: fills uniforms
inline constexpr llvm::StringLiteral kManifestAttr = "advx.manifest"; ///< module: JSON text
inline constexpr llvm::StringLiteral kStateAttr = "advx.state";       ///< argument, result: leaf
inline constexpr llvm::StringLiteral kInputAttr = "advx.input";       ///< argument: its name
inline constexpr llvm::StringLiteral kOutputAttr = "advx.output";     ///< result: its name

/// Module: the names of settings and hands of the clock that each uniform is computed from.
inline constexpr llvm::StringLiteral kUniformReadsAttr = "advx.uniform_reads";

/// Attributes that the planner writes.
inline constexpr llvm::StringLiteral kOffsetAttr = "advx.offset";   ///< argument, result
inline constexpr llvm::StringLiteral kOffsetsAttr = "advx.offsets"; ///< op: one a result, -1: none
inline constexpr llvm::StringLiteral kStateArenaAttr = "advx.state_arena"; ///< function: bytes
inline constexpr llvm::StringLiteral kBatchArenaAttr = "advx.batch_arena"; ///< bytes an example

/// `advx-plan`: plans every step of a module and completes the manifest (offsets and
/// sizes of state, the steps with inputs and outputs, the number of uniforms).
/// Errors are internal ones, at the op: the lowering must not produce such a module.
std::unique_ptr<mlir::Pass> createPlanPass();

/// Makes `advx-plan` known to tools that read pass pipelines.
void registerPlanPass();

} // namespace advx::codegen

#endif
