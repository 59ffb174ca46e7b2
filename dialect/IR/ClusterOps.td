//===- ClusterOps.td - Kernels to be --------------------------------------===//

#ifndef ADVX_DIALECT_IR_CLUSTEROPS_TD
#define ADVX_DIALECT_IR_CLUSTEROPS_TD

include "dialect/IR/AdvxBase.td"

def Advx_KernelTemplate : I64EnumAttr<"KernelTemplate", "how a cluster runs over its axes", [
    I64EnumAttrCase<"elementwise", 0>, I64EnumAttrCase<"row", 1>, I64EnumAttrCase<"channel", 2>,
    I64EnumAttrCase<"full", 3>]> {
  let cppNamespace = "::mlir::advx";
}

def Advx_ClusterOp : Advx_Op<"cluster", [Pure, IsolatedFromAbove, SingleBlock]> {
  let summary = "Ops that become one kernel";
  let description = [{
    The body is tensor-tier ops over its arguments, which are the operands: tensors,
    and numbers (`f64`) that the host computes. Putting the body in the cluster's
    place changes no value. `axes` names the iteration space; the template follows
    from it:

    * `elementwise`: nothing is reduced and element i of a result reads element i of
      the operands, or what broadcasts to it. With a batch, all batched values have
      one number of elements an example. Without one, the body may consist of parts
      that share nothing but numbers and scalars, each with a shape of its own.
    * `row`: reduces within an example, examples in parallel: reductions over axes,
      products with a small matrix, labels. A `batch_sum` adds up what the examples
      give; ops on its result follow it and run once, after all examples. No batched
      value depends on a `batch_sum`.
    * `channel`: reduces over the batch and the axes before the last; the last axis
      of an example, the channel, is parallel. Sums may depend on earlier sums.
      Results have no batch.
    * `full`: has no batch; anything may be reduced. One thread.

    ```mlir
    %r = advx.cluster elementwise ["batch", "feature 10"] (%x, %y, %step) : (tensor<?x10xf32>, tensor<?x10xf32>, f64) -> tensor<?x10xf32> { ^bb0(%a: tensor<?x10xf32>, %b: tensor<?x10xf32>, %n: f64): %s = advx.splat %n : (f64) -> tensor<f32> %t = advx.mul %a, %s : (tensor<?x10xf32>, tensor<f32>) -> tensor<?x10xf32> %u = advx.add %t, %b : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32> advx.yield %u : tensor<?x10xf32> }
    ```
  }];
  let arguments = (ins Advx_KernelTemplate:$kernel, StrArrayAttr:$axes,
                       Variadic<AnyTypeOf<[Advx_AnyTensor, F64]>>:$inputs);
  let results = (outs Variadic<Advx_AnyTensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $kernel $axes `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs) $body
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The body's terminator, whose operands are the results.
    ::mlir::Operation *getYield() { return getBody().front().getTerminator(); }

    /// Whether the result may be made in the memory of the operand: an elementwise
    /// cluster reads the operand, of the result's type, only at the element that it
    /// writes.
    bool mayOverwrite(unsigned result, unsigned operand);
  }];
}

#endif // ADVX_DIALECT_IR_CLUSTEROPS_TD
