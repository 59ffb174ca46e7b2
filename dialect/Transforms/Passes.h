//===- Passes.h - Passes on the tensor tier ---------------------*- C++ -*-===//

#ifndef ADVX_DIALECT_TRANSFORMS_PASSES_H
#define ADVX_DIALECT_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::advx {

#define GEN_PASS_DECL
#include "dialect/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "dialect/Transforms/Passes.h.inc"

/// `advx-clean`: canonical forms, common subexpressions, loop-invariant motion and
/// dead code, in an order that leaves nothing for a second run.
void buildCleanPipeline(OpPassManager &manager);

/// Makes the pipeline known by name to advx-opt.
void registerAdvxPipelines();

} // namespace mlir::advx

#endif // ADVX_DIALECT_TRANSFORMS_PASSES_H
