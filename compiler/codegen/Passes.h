#ifndef ADVX_COMPILER_CODEGEN_PASSES_H
#define ADVX_COMPILER_CODEGEN_PASSES_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

/// The passes of code generation, as Passes.td declares them: `createX` makes one,
/// `registerAdvxCodegenPasses` makes all known to tools that read pass pipelines. Their order is
/// in host/Host.h and gpu/GpuKernels.h.
namespace advx::codegen {

#define GEN_PASS_DECL
#include "compiler/codegen/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/codegen/Passes.h.inc"

} // namespace advx::codegen

#endif
