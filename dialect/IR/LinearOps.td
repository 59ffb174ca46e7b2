//===- LinearOps.td - Products of matrices, and convolutions ---------------===//
//
// Each group is closed under differentiation: matvec with outer, matmul with
// itself, the three convolutions among themselves.
//
// Each op may name the provider that computes it and the provider's algorithm, as
// attributes `provider` and `algorithm`; without them it is the -O0 form.
//
//===------------------------------------------------------------------------===//

#ifndef ADVX_DIALECT_IR_LINEAROPS_TD
#define ADVX_DIALECT_IR_LINEAROPS_TD

include "dialect/IR/AdvxBase.td"

class Advx_LinearOp<string mnemonic, Trait runtime = Advx_RuntimeProvided,
                    list<string> answers = []>
    : Advx_TensorOp<mnemonic, [Advx_Differentiable, runtime],
                    !listconcat(["getFlops"], answers)> {
  let results = (outs Advx_FloatTensor:$result);
}

def Advx_MatvecOp
    : Advx_LinearOp<"matvec", Advx_RuntimeProvided,
                    ["getFusionRole", "hasKernelForm", "getReductionKind", "getReducedAxes"]> {
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
  let arguments = !con((ins Advx_FloatTensor:$matrix, Advx_FloatTensor:$vector,
                            UnitAttr:$transpose), Advx_ProviderArguments);
  let builders = [
    OpBuilder<(ins "::mlir::Value":$matrix, "::mlir::Value":$vector, "bool":$transpose), [{
      build($_builder, $_state, matrix, vector, transpose,
            /*provider=*/nullptr, /*algorithm=*/nullptr);
    }]>
  ];
  let assemblyFormat = [{
    $matrix `,` $vector (`transpose` $transpose^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasCanonicalizeMethod = 1;
}

def Advx_OuterOp : Advx_LinearOp<"outer", Advx_RuntimeNamed> {
  let summary = "u vᵀ, summed over the batch";
  let description = [{
    The result is a matrix without a batch axis. Both operands are batched, or
    neither is.

    ```mlir
    %r = advx.outer %u, %v : (tensor<?x10xf32>, tensor<?x100xf32>) -> tensor<10x100xf32>
    ```
  }];
  let arguments = !con((ins Advx_FloatTensor:$lhs, Advx_FloatTensor:$rhs), Advx_ProviderArguments);
  let builders = [
    OpBuilder<(ins "::mlir::Value":$lhs, "::mlir::Value":$rhs), [{
      build($_builder, $_state, lhs, rhs,
            /*provider=*/nullptr, /*algorithm=*/nullptr);
    }]>
  ];
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
  let arguments = !con((ins Advx_FloatTensor:$lhs, Advx_FloatTensor:$rhs, UnitAttr:$transposeA,
                            UnitAttr:$transposeB), Advx_ProviderArguments);
  let builders = [
    OpBuilder<(ins "::mlir::Value":$lhs, "::mlir::Value":$rhs, "bool":$transposeA,
                   "bool":$transposeB), [{
      build($_builder, $_state, lhs, rhs, transposeA, transposeB,
            /*provider=*/nullptr, /*algorithm=*/nullptr);
    }]>
  ];
  let assemblyFormat = [{
    $lhs `,` $rhs (`transpose_a` $transposeA^)? (`transpose_b` $transposeB^)? attr-dict `:`
    functional-type(operands, results)
  }];
}

/// With `channels_last` images are `[H, W, C]`; weights keep their shape.
///
/// Runtime attributes: sh, sw, ph, pw; a provider also gets channels_last and whether
/// the algorithm is `winograd`.
class Advx_ConvolutionOp<string mnemonic>
    : Advx_LinearOp<mnemonic, Advx_RuntimeProvided, Advx_ImageAnswers> {
  let extraClassDefinition = Advx_ImageDefinition;
}

def Advx_Conv2dOp : Advx_ConvolutionOp<"conv2d"> {
  let summary = "Two-dimensional convolution";
  let description = [{
    Cross-correlation, as in every framework: `x[C, H, W]` and `w[O, C, kh, kw]`
    give `[O, Ho, Wo]` with `Ho = (H + 2 ph - kh) / sh + 1`, rounded down. The
    weight has no batch axis. A `bias[O]` is added to every place, and with `relu`
    what is below 0 becomes 0; an op that is differentiated has neither.

    Runtime attributes: those of a convolution; a provider then gets whether there is
    a bias, the third operand, and relu.

    ```mlir
    %r = advx.conv2d %x, %w stride [2, 2] padding [1, 1] : (tensor<?x1x28x28xf32>, tensor<16x1x4x4xf32>) -> tensor<?x16x14x14xf32>
    %t = advx.transpose %r permutation [1, 2, 0] : (tensor<?x16x14x14xf32>) -> tensor<?x14x14x16xf32>
    %s = advx.conv2d %t, %v bias %b relu stride [1, 1] padding [0, 0] channels_last {algorithm = "direct", provider = "onednn"} : (tensor<?x14x14x16xf32>, tensor<8x16x3x3xf32>, tensor<8xf32>) -> tensor<?x12x12x8xf32>
    ```
  }];
  let arguments = !con((ins Advx_FloatTensor:$input, Advx_FloatTensor:$weight,
                            Optional<Advx_FloatTensor>:$bias, DenseI64ArrayAttr:$stride,
                            DenseI64ArrayAttr:$padding, UnitAttr:$relu, UnitAttr:$channelsLast),
                       Advx_ProviderArguments);
  let assemblyFormat = [{
    $input `,` $weight (`bias` $bias^)? (`relu` $relu^)? `stride` $stride `padding` $padding
    (`channels_last` $channelsLast^)? attr-dict `:` functional-type(operands, results)
  }];
  let builders = [
    OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$weight,
                   "::llvm::ArrayRef<int64_t>":$stride, "::llvm::ArrayRef<int64_t>":$padding,
                   CArg<"bool", "false">:$channelsLast), [{
      build($_builder, $_state, input, weight, /*bias=*/::mlir::Value(), stride, padding,
            /*relu=*/false, channelsLast, /*provider=*/nullptr, /*algorithm=*/nullptr);
    }]>
  ];
}

def Advx_Conv2dInputGradOp : Advx_ConvolutionOp<"conv2d_input_grad"> {
  let summary = "Cotangent of a convolution's input";
  let description = [{
    `inputSize` is `[H, W]` of the input, which stride and padding leave open.

    ```mlir
    %r = advx.conv2d_input_grad %g, %w stride [2, 2] padding [1, 1] input [28, 28] : (tensor<?x16x14x14xf32>, tensor<16x1x4x4xf32>) -> tensor<?x1x28x28xf32>
    ```
  }];
  let arguments = !con((ins Advx_FloatTensor:$cotangent, Advx_FloatTensor:$weight,
                            DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding,
                            DenseI64ArrayAttr:$inputSize, UnitAttr:$channelsLast),
                       Advx_ProviderArguments);
  let builders = [
    OpBuilder<(ins "::mlir::Value":$cotangent, "::mlir::Value":$weight,
                   "::llvm::ArrayRef<int64_t>":$stride, "::llvm::ArrayRef<int64_t>":$padding,
                   "::llvm::ArrayRef<int64_t>":$inputSize, CArg<"bool", "false">:$channelsLast), [{
      build($_builder, $_state, cotangent, weight, stride, padding, inputSize, channelsLast,
            /*provider=*/nullptr, /*algorithm=*/nullptr);
    }]>
  ];
  let assemblyFormat = [{
    $cotangent `,` $weight `stride` $stride `padding` $padding `input` $inputSize
    (`channels_last` $channelsLast^)? attr-dict `:` functional-type(operands, results)
  }];
}

def Advx_Conv2dWeightGradOp : Advx_ConvolutionOp<"conv2d_weight_grad"> {
  let summary = "Cotangent of a convolution's weight, summed over the batch";
  let description = [{
    `kernel` is `[kh, kw]`. Both operands are batched, or neither is; the result
    has no batch axis.

    ```mlir
    %r = advx.conv2d_weight_grad %x, %g stride [2, 2] padding [1, 1] kernel [4, 4] : (tensor<?x1x28x28xf32>, tensor<?x16x14x14xf32>) -> tensor<16x1x4x4xf32>
    ```
  }];
  let arguments = !con((ins Advx_FloatTensor:$input, Advx_FloatTensor:$cotangent,
                            DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding,
                            DenseI64ArrayAttr:$kernel, UnitAttr:$channelsLast),
                       Advx_ProviderArguments);
  let builders = [
    OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$cotangent,
                   "::llvm::ArrayRef<int64_t>":$stride, "::llvm::ArrayRef<int64_t>":$padding,
                   "::llvm::ArrayRef<int64_t>":$kernel, CArg<"bool", "false">:$channelsLast), [{
      build($_builder, $_state, input, cotangent, stride, padding, kernel, channelsLast,
            /*provider=*/nullptr, /*algorithm=*/nullptr);
    }]>
  ];
  let assemblyFormat = [{
    $input `,` $cotangent `stride` $stride `padding` $padding `kernel` $kernel
    (`channels_last` $channelsLast^)? attr-dict `:` functional-type(operands, results)
  }];
}

#endif // ADVX_DIALECT_IR_LINEAROPS_TD
