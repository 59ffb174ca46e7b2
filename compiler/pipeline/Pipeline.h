#ifndef ADVX_PIPELINE_PIPELINE_H
#define ADVX_PIPELINE_PIPELINE_H

#include "compiler/pipeline/Stages.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

namespace advx::pipeline {

struct Options {
  /// 0: every tensor op is one runtime call, the oracle of the rest. 2: library ops and
  /// generated kernels.
  int level = 2;
  bool remarks = false; ///< Passes report what they did and why, as MLIR remarks.
  bool aten = false;    ///< The runtime has the provider `aten`.
};

/// Adds the passes that lead to an MLIR stage (Instantiated … Host) from the one
/// before it, or to Gpu from Partitioned. `advx` and `advx-opt` run the same.
void addPassesTo(Stage stage, mlir::OpPassManager &passes, const Options &options);

/// Registers `--advx-STAGE-to-STAGE` pipelines, each stretch of the road from the problem tier to
/// the host program; their options `level` and `aten` are those of `Options`.
void registerPipelines();

} // namespace advx::pipeline

#endif // ADVX_PIPELINE_PIPELINE_H
