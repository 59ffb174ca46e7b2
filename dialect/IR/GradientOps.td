//===- GradientOps.td - Symbolic gradients, and what they do not pass ------===//

#ifndef ADVX_DIALECT_IR_GRADIENTOPS_TD
#define ADVX_DIALECT_IR_GRADIENTOPS_TD

include "dialect/IR/AdvxBase.td"

def Advx_GradientOp : Advx_TensorOp<"gradient"> {
  let summary = "Derivative of the sum over the batch of a scalar, by values";
  let description = [{
    The op sees how `objective` was computed through its defining ops, back to the
    values of `wrt`; it stays symbolic until `advx-differentiate`. The result of an
    `scf.for` is a constant. Since the sum over the batch is differentiated, the
    gradient by a value of an example does not depend on the number of examples.

    The objective and the values may have different float types; a gradient has that of
    its value.

    ```mlir
    %s = advx.mul %x, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    %g = advx.gradient %s wrt(%x) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$objective, Variadic<Advx_FloatTensor>:$wrt);
  let results = (outs Variadic<Advx_FloatTensor>:$gradients);
  let assemblyFormat =
      "$objective `wrt` `(` $wrt `)` attr-dict `:` functional-type(operands, results)";
}

def Advx_StopGradientOp
    : Advx_TensorOp<"stop_gradient", [Advx_Runtime],
                    ["hasKernelForm", "keepsElements", "canPermuteAxes"]> {
  let summary = "The operand, as a constant";
  let description = [{
    No derivative passes. `advx-erase-stop-gradient` removes the op once every
    gradient has been expanded.

    ```mlir
    %r = advx.stop_gradient %x : (tensor<?x10xf32>) -> tensor<?x10xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$input);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let extraClassDefinition = [{
    bool $cppClass::hasKernelForm() { return true; }
    bool $cppClass::keepsElements() { return true; }
    bool $cppClass::canPermuteAxes(::llvm::ArrayRef<int64_t>) { return true; }
  }];
}

#endif // ADVX_DIALECT_IR_GRADIENTOPS_TD
