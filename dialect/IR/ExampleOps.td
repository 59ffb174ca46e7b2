//===- ExampleOps.td - The examples of a batch in another order ------------===//

#ifndef ADVX_DIALECT_IR_EXAMPLEOPS_TD
#define ADVX_DIALECT_IR_EXAMPLEOPS_TD

include "dialect/IR/AdvxBase.td"

/// What an example of the result is depends on other examples of the batch.
class Advx_ExampleOp<string mnemonic, list<Trait> traits = []>
    : Advx_TensorOp<mnemonic, !listconcat([Advx_Runtime, Advx_MixesExamples], traits)>;

def Advx_OrderExamplesOp : Advx_ExampleOp<"order_examples"> {
  let summary = "The places of the examples in the order of their keys";
  let description = [{
    Entry i is the place in the batch of the example with the i-th smallest key; of equal
    keys the one before comes first. Keys that are drawn give a random permutation.

    At the problem tier, where a value is that of one example, the operand has no batch
    axis; nowhere else.

    ```mlir
    %r = advx.order_examples %key : (tensor<?xf32>) -> tensor<?xi64>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$key);
  let results = (outs Advx_IntTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Advx_TakeExamplesOp : Advx_ExampleOp<"take_examples", [Advx_Differentiable]> {
  let summary = "Example i of the result is example place[i] of the operand";
  let description = [{
    ```mlir
    %r = advx.take_examples %x, %place : (tensor<?x1x28x28xf32>, tensor<?xi64>) -> tensor<?x1x28x28xf32>
    ```
  }];
  let arguments = (ins Advx_AnyTensor:$input, Advx_IntTensor:$place);
  let results = (outs Advx_AnyTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Advx_PutExamplesOp : Advx_ExampleOp<"put_examples", [Advx_Differentiable]> {
  let summary = "Example place[i] of the result is the sum of the examples i of the operand";
  let description = [{
    The derivative of `take_examples`. An example that no place names is 0.

    ```mlir
    %r = advx.put_examples %g, %place : (tensor<?x1x28x28xf32>, tensor<?xi64>) -> tensor<?x1x28x28xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$input, Advx_IntTensor:$place);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif // ADVX_DIALECT_IR_EXAMPLEOPS_TD
