//===- AdvxDialect.td - The advx dialect -----------------------------------===//

#ifndef ADVX_DIALECT_IR_ADVXDIALECT_TD
#define ADVX_DIALECT_IR_ADVXDIALECT_TD

include "mlir/IR/DialectBase.td"

def Advx_Dialect : Dialect {
  let name = "advx";
  let cppNamespace = "::mlir::advx";
  let summary = "Adversarial training, from the min-max problem to tensor ops";
  let description = [{
    The dialect has two tiers. The *problem tier* states an experiment: what is
    learned, over which sets the inner problem searches, by which solvers. The
    *tensor tier* computes it: pure ops on tensors, one op a mathematical
    operation, with derivatives.

    In the tensor tier the batch is visible in the type. A value that depends on
    the example has a leading dynamic axis, `tensor<?x10xf32>`; every other axis
    is static, and what does not depend on the example has no dynamic axis. The
    shape without that axis is the *per-example shape*; attributes that name axes
    or shapes always speak of it, so the same op with the same attributes accepts
    one example and a batch of them.

    Numbers known before the step (settings, schedules, loop counters) are plain
    `f64`, `i1` and `index` values of the `arith` dialect.
  }];
  let hasCanonicalizer = 1;
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

#endif // ADVX_DIALECT_IR_ADVXDIALECT_TD
