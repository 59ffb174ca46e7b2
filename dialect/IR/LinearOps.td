//===- LinearOps.td - Products of matrices, and convolutions ---------------===//
//
// Each group is closed under differentiation: matvec with outer, matmul with
// itself, the three convolutions among themselves.
//
//===------------------------------------------------------------------------===//

#ifndef ADVX_DIALECT_IR_LINEAROPS_TD
#define ADVX_DIALECT_IR_LINEAROPS_TD

include "dialect/IR/AdvxBase.td"

class Advx_LinearOp<string mnemonic, Trait runtime = Advx_RuntimeAttributes>
    : Advx_TensorOp<mnemonic, [Advx_Differentiable, runtime]> {
  let results = (outs Advx_FloatTensor:$result);
}

def Advx_MatvecOp : Advx_LinearOp<"matvec"> {
  let summary = "Matrix times vector";
  let description = [{
    `W v` with `W[m, n]` and `v[n]`, or with `transpose` `Wᵀ v` with `v[m]`. The
    matrix has no batch axis; the vector may.

    Runtime attributes: transpose.

    ```mlir
    %r = advx.matvec %w, %v : (tensor<10x100xf32>, tensor<?x100xf32>) -> tensor<?x10xf32>
    %s = advx.matvec %w, %r transpose : (tensor<10x100xf32>, tensor<?x10xf32>) -> tensor<?x100xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$matrix, Advx_FloatTensor:$vector, UnitAttr:$transpose);
  let assemblyFormat = [{
    $matrix `,` $vector (`transpose` $transpose^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasCanonicalizeMethod = 1;
}

def Advx_OuterOp : Advx_LinearOp<"outer", Advx_Runtime> {
  let summary = "u vᵀ, summed over the batch";
  let description = [{
    The result is a matrix without a batch axis. Both operands are batched, or
    neither is.

    ```mlir
    %r = advx.outer %u, %v : (tensor<?x10xf32>, tensor<?x100xf32>) -> tensor<10x100xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$lhs, Advx_FloatTensor:$rhs);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Advx_MatmulOp : Advx_LinearOp<"matmul"> {
  let summary = "Product of two matrices that have no batch axis";
  let description = [{
    `op(A) op(B)`, where `op` transposes iff the flag is set.

    Runtime attributes: transpose_a, transpose_b.

    ```mlir
    %r = advx.matmul %a, %b transpose_b : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$lhs, Advx_FloatTensor:$rhs, UnitAttr:$transposeA,
                       UnitAttr:$transposeB);
  let assemblyFormat = [{
    $lhs `,` $rhs (`transpose_a` $transposeA^)? (`transpose_b` $transposeB^)? attr-dict `:`
    functional-type(operands, results)
  }];
}

class Advx_ConvolutionOp<string mnemonic> : Advx_LinearOp<mnemonic>;

def Advx_Conv2dOp : Advx_ConvolutionOp<"conv2d"> {
  let summary = "Two-dimensional convolution";
  let description = [{
    Cross-correlation, as in every framework: `x[C, H, W]` and `w[O, C, kh, kw]`
    give `[O, Ho, Wo]` with `Ho = (H + 2 ph - kh) / sh + 1`, rounded down. The
    weight has no batch axis.

    Runtime attributes: sh, sw, ph, pw.

    ```mlir
    %r = advx.conv2d %x, %w stride [2, 2] padding [1, 1] : (tensor<?x1x28x28xf32>, tensor<16x1x4x4xf32>) -> tensor<?x16x14x14xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$input, Advx_FloatTensor:$weight,
                       DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding);
  let assemblyFormat = [{
    $input `,` $weight `stride` $stride `padding` $padding attr-dict `:`
    functional-type(operands, results)
  }];
}

def Advx_Conv2dInputGradOp : Advx_ConvolutionOp<"conv2d_input_grad"> {
  let summary = "Cotangent of a convolution's input";
  let description = [{
    `inputSize` is `[H, W]` of the input, which stride and padding leave open.

    Runtime attributes: sh, sw, ph, pw.

    ```mlir
    %r = advx.conv2d_input_grad %g, %w stride [2, 2] padding [1, 1] input [28, 28] : (tensor<?x16x14x14xf32>, tensor<16x1x4x4xf32>) -> tensor<?x1x28x28xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$cotangent, Advx_FloatTensor:$weight,
                       DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding,
                       DenseI64ArrayAttr:$inputSize);
  let assemblyFormat = [{
    $cotangent `,` $weight `stride` $stride `padding` $padding `input` $inputSize attr-dict `:`
    functional-type(operands, results)
  }];
}

def Advx_Conv2dWeightGradOp : Advx_ConvolutionOp<"conv2d_weight_grad"> {
  let summary = "Cotangent of a convolution's weight, summed over the batch";
  let description = [{
    `kernel` is `[kh, kw]`. Both operands are batched, or neither is; the result
    has no batch axis.

    Runtime attributes: sh, sw, ph, pw.

    ```mlir
    %r = advx.conv2d_weight_grad %x, %g stride [2, 2] padding [1, 1] kernel [4, 4] : (tensor<?x1x28x28xf32>, tensor<?x16x14x14xf32>) -> tensor<16x1x4x4xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$input, Advx_FloatTensor:$cotangent,
                       DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding,
                       DenseI64ArrayAttr:$kernel);
  let assemblyFormat = [{
    $input `,` $cotangent `stride` $stride `padding` $padding `kernel` $kernel attr-dict `:`
    functional-type(operands, results)
  }];
}

#endif // ADVX_DIALECT_IR_LINEAROPS_TD
