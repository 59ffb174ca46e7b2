//===- OrderOps.td - Elements in order, and running sums --------------------===//

#ifndef ADVX_DIALECT_IR_ORDEROPS_TD
#define ADVX_DIALECT_IR_ORDEROPS_TD

include "dialect/IR/CompositeOps.td"

def Advx_OrderOp : Advx_TensorOp<"order", [Advx_RuntimeAttributes], ["getFlops"]> {
  let summary = "Places of the largest elements of a vector, the largest first";
  let description = [{
    `count` places, from 0. With `ascending` they are those of the smallest, the smallest first.
    Of equal elements the one with the lower place comes first. A NaN is larger than every number,
    as in PyTorch.

    Runtime attributes: ascending.

    ```mlir
    %i = advx.order %x count 3 : (tensor<?x10xf32>) -> tensor<?x3xi64>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$input, I64Attr:$count, UnitAttr:$ascending);
  let results = (outs Advx_IntTensor:$index);
  let assemblyFormat = [{
    $input `count` $count (`ascending` $ascending^)? attr-dict `:`
    functional-type(operands, results)
  }];
}

def Advx_SortedOp : Advx_CompositeOp<"sorted"> {
  let summary = "Elements of a vector in the order of another's";
  let description = [{
    `count` elements of `input`: those at the places that `order` finds in `keys`, which has as
    many elements. The cotangent goes to the elements that are taken; `keys` have none.

    ```mlir
    %r = advx.sorted %x, %x count 3 : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x3xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$input, Advx_FloatTensor:$keys, I64Attr:$count,
                       UnitAttr:$ascending);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $keys `count` $count (`ascending` $ascending^)? attr-dict `:`
    functional-type(operands, results)
  }];
}

def Advx_CumsumOp
    : Advx_TensorOp<"cumsum", [Advx_Differentiable, Advx_RuntimeAttributes],
                    ["getFlops", "canPermuteAxes", "permuteAxes"]> {
  let summary = "Running sums along one per-example axis";
  let description = [{
    Element `i` along the axis is the sum of the elements up to and with `i`; with `from_end` of
    those from `i` on. The derivative of one is the other.

    Runtime attributes: axis, from_end.

    ```mlir
    %r = advx.cumsum %x axis 0 : (tensor<?x10xf32>) -> tensor<?x10xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$input, I64Attr:$axis, UnitAttr:$fromEnd);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = [{
    $input `axis` $axis (`from_end` $fromEnd^)? attr-dict `:` functional-type(operands, results)
  }];
}

#endif // ADVX_DIALECT_IR_ORDEROPS_TD
