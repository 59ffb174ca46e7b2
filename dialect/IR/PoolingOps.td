//===- PoolingOps.td - Windows over an image -------------------------------===//
//
// A max-pooling is an index, which has no derivative, and a gather by it; gather
// and scatter, and the average and its cotangent, are closed under
// differentiation.
//
// With `channels_last` every image and every grid of windows is `[H, W, C]`; what an
// index means stays the same, and so do ties. The runtime function of such an op has
// the suffix `_channels_last`.
//
//===------------------------------------------------------------------------===//

#ifndef ADVX_DIALECT_IR_POOLINGOPS_TD
#define ADVX_DIALECT_IR_POOLINGOPS_TD

include "dialect/IR/AdvxBase.td"

class Advx_WindowOp<string mnemonic, list<Trait> traits>
    : Advx_TensorOp<mnemonic, traits, Advx_ImageAnswers> {
  let extraClassDefinition = Advx_ImageDefinition;
}

def Advx_MaxPoolIndexOp : Advx_WindowOp<"max_pool_index", [Advx_RuntimeProvided]> {
  let summary = "Place of the first maximum of each window";
  let description = [{
    `x[C, H, W]` gives `[C, Ho, Wo]` of indices `h * W + w` into the image; padding
    never wins.

    Runtime attributes: kh, kw, sh, sw, ph, pw.

    ```mlir
    %i = advx.max_pool_index %x kernel [2, 2] stride [2, 2] padding [0, 0] : (tensor<?x16x14x14xf32>) -> tensor<?x16x7x7xi64>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$input, DenseI64ArrayAttr:$kernel,
                       DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding,
                       UnitAttr:$channelsLast);
  let results = (outs Advx_IntTensor:$index);
  let assemblyFormat = [{
    $input `kernel` $kernel `stride` $stride `padding` $padding (`channels_last` $channelsLast^)?
    attr-dict `:` functional-type(operands, results)
  }];
}

def Advx_WindowGatherOp
    : Advx_WindowOp<"window_gather", [Advx_Differentiable, Advx_RuntimeNamed]> {
  let summary = "Elements of each channel by index";
  let description = [{
    `r[c, i, j] = x[c, index[c, i, j]]`, the index running over `h * W + w`. Both
    operands are batched, or neither is.

    ```mlir
    %r = advx.window_gather %x, %i : (tensor<?x16x14x14xf32>, tensor<?x16x7x7xi64>) -> tensor<?x16x7x7xf32>
    ```
  }];
  let arguments =
      (ins Advx_FloatTensor:$input, Advx_IntTensor:$index, UnitAttr:$channelsLast);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $index (`channels_last` $channelsLast^)? attr-dict `:`
    functional-type(operands, results)
  }];
}

def Advx_WindowScatterOp
    : Advx_WindowOp<"window_scatter", [Advx_Differentiable, Advx_RuntimeNamed]> {
  let summary = "Adds elements into a zero image by index";
  let description = [{
    The transpose of `window_gather`: `r[c, index[c, i, j]] += g[c, i, j]`.
    `inputSize` is `[H, W]` of the result.

    ```mlir
    %r = advx.window_scatter %g, %i input [14, 14] : (tensor<?x16x7x7xf32>, tensor<?x16x7x7xi64>) -> tensor<?x16x14x14xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$cotangent, Advx_IntTensor:$index,
                       DenseI64ArrayAttr:$inputSize, UnitAttr:$channelsLast);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = [{
    $cotangent `,` $index `input` $inputSize (`channels_last` $channelsLast^)? attr-dict `:`
    functional-type(operands, results)
  }];
}

def Advx_AvgPool2dOp : Advx_WindowOp<"avg_pool2d", [Advx_Differentiable, Advx_RuntimeProvided]> {
  let summary = "Mean of each window; padding counts";
  let description = [{
    Every window is divided by `kh * kw`, PyTorch's default.

    Runtime attributes: kh, kw, sh, sw, ph, pw.

    ```mlir
    %r = advx.avg_pool2d %x kernel [2, 2] stride [2, 2] padding [0, 0] : (tensor<?x16x14x14xf32>) -> tensor<?x16x7x7xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$input, DenseI64ArrayAttr:$kernel,
                       DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding,
                       UnitAttr:$channelsLast);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = [{
    $input `kernel` $kernel `stride` $stride `padding` $padding (`channels_last` $channelsLast^)?
    attr-dict `:` functional-type(operands, results)
  }];
}

def Advx_AvgPool2dGradOp
    : Advx_WindowOp<"avg_pool2d_grad", [Advx_Differentiable, Advx_RuntimeProvided]> {
  let summary = "Cotangent of the input of an average pooling";
  let description = [{
    `inputSize` is `[H, W]` of the input.

    Runtime attributes: kh, kw, sh, sw, ph, pw.

    ```mlir
    %r = advx.avg_pool2d_grad %g kernel [2, 2] stride [2, 2] padding [0, 0] input [14, 14] : (tensor<?x16x7x7xf32>) -> tensor<?x16x14x14xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$cotangent, DenseI64ArrayAttr:$kernel,
                       DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding,
                       DenseI64ArrayAttr:$inputSize, UnitAttr:$channelsLast);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = [{
    $cotangent `kernel` $kernel `stride` $stride `padding` $padding `input` $inputSize
    (`channels_last` $channelsLast^)? attr-dict `:` functional-type(operands, results)
  }];
}

#endif // ADVX_DIALECT_IR_POOLINGOPS_TD
