//===- Passes.td - From the min-max problem to functions of tensors --------===//

#ifndef ADVX_DIALECT_CONVERSION_PASSES_TD
#define ADVX_DIALECT_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def Instantiate : Pass<"advx-instantiate", "::mlir::ModuleOp"> {
  let summary = "turn each experiment into batched step functions";
  let description = [{
    Inlines networks, heads, functions, objectives and solvers into one function for
    the training step and one for each line of each evaluation. x, y and the dataset
    index get a batch axis; every other type is inferred from the operands, so a
    value has a batch axis exactly if it depends on the example. Gradients stay
    symbolic. Numbers of the page stay `advx.setting_value` and `advx.clock`. The
    experiment goes, `advx.program` stays.

    What a loop carries is found before the loop is emitted, which happens once.
    A training forward updates running statistics, which are threaded through the
    step (and its loops) as state. Equal forwards in a mode other than eval are one.
  }];
  let dependentDialects = ["::mlir::advx::AdvxDialect", "::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect", "::mlir::scf::SCFDialect"];
}

def OutlineUniforms : Pass<"advx-outline-uniforms", "::mlir::ModuleOp"> {
  let summary = "move what settings and the clock decide into fill_uniforms";
  let description = [{
    Creates `fill_uniforms` with the arguments epoch, iteration, epochs, iterations
    and one f64 for each setting; it returns the settings in force, then the
    uniforms. A setting's argument is NaN where the user gave none. In the steps,
    `advx.uniform` reads the numbers. The function's `advx.uniform_reads` lists, for each
    uniform, the settings and hands of the clock that it is computed from. The settings
    of `advx.program` lose the regions that the function computes.
  }];
  let dependentDialects = ["::mlir::advx::AdvxDialect", "::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect"];
}

#endif // ADVX_DIALECT_CONVERSION_PASSES_TD
