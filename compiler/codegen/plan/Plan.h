#ifndef ADVX_COMPILER_CODEGEN_PLAN_PLAN_H
#define ADVX_COMPILER_CODEGEN_PLAN_PLAN_H

#include "llvm/ADT/StringRef.h"

/// The attributes of a plan (`advx-plan`): where each tensor of a step lies. Offsets are bytes, in
/// the units of runtime/abi/advx_abi.h: per padded example for a batched type, else absolute.
namespace advx::codegen {

/// Attributes that the planner reads.
inline constexpr llvm::StringLiteral kStepAttr = "advx.step";         ///< function: a step
inline constexpr llvm::StringLiteral kUniformsAttr = "advx.uniforms"; ///< function: fills uniforms
inline constexpr llvm::StringLiteral kStateAttr = "advx.state";       ///< argument, result: leaf
inline constexpr llvm::StringLiteral kInputAttr = "advx.input";       ///< argument: its name
inline constexpr llvm::StringLiteral kOutputAttr = "advx.output";     ///< result: its name

/// Function that fills uniforms: the settings and hands of the clock that each is computed from.
inline constexpr llvm::StringLiteral kUniformReadsAttr = "advx.uniform_reads";

/// Attributes that the planner writes.
inline constexpr llvm::StringLiteral kOffsetAttr = "advx.offset";   ///< argument, result
inline constexpr llvm::StringLiteral kOffsetsAttr = "advx.offsets"; ///< op: one a result, -1: none
inline constexpr llvm::StringLiteral kStateArenaAttr = "advx.state_arena"; ///< function: bytes
inline constexpr llvm::StringLiteral kBatchArenaAttr = "advx.batch_arena"; ///< bytes an example

/// Function: what the step makes of an example depends on no other example.
inline constexpr llvm::StringLiteral kApartAttr = "advx.apart";

} // namespace advx::codegen

#endif
