//===- CompositeOps.td - Ops that other ops define --------------------------===//
//
// `advx-decompose` replaces them before differentiation, so they have neither a
// derivative nor a runtime call.
//
//===------------------------------------------------------------------------===//

#ifndef ADVX_DIALECT_IR_COMPOSITEOPS_TD
#define ADVX_DIALECT_IR_COMPOSITEOPS_TD

include "dialect/IR/AdvxBase.td"

class Advx_CompositeOp<string mnemonic, list<Trait> traits = []>
    : Advx_TensorOp<mnemonic, !listconcat([Advx_Composite], traits)>;

/// Of a per-example vector.
class Advx_SoftmaxFamilyOp<string mnemonic> : Advx_CompositeOp<mnemonic> {
  let arguments = (ins Advx_FloatTensor:$input);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Advx_SoftmaxOp : Advx_SoftmaxFamilyOp<"softmax"> {
  let summary = "exp(x) / sum(exp(x)) of a vector";
  let description = [{
    Computed with the maximum subtracted first.

    ```mlir
    %r = advx.softmax %x : (tensor<?x10xf32>) -> tensor<?x10xf32>
    ```
  }];
}

def Advx_LogSoftmaxOp : Advx_SoftmaxFamilyOp<"log_softmax"> {
  let summary = "Logarithm of the softmax of a vector";
  let description = [{
    Computed as `(x - max) - log(sum(exp(x - max)))`.

    ```mlir
    %r = advx.log_softmax %x : (tensor<?x10xf32>) -> tensor<?x10xf32>
    ```
  }];
}

def Advx_LogSumExpOp : Advx_SoftmaxFamilyOp<"log_sum_exp"> {
  let summary = "Logarithm of the sum of the exponentials of a vector";
  let description = [{
    Computed as `max + log(sum(exp(x - max)))`, without the maximum where it is
    infinite; an element of minus infinity is left out.

    ```mlir
    %r = advx.log_sum_exp %x : (tensor<?x10xf32>) -> tensor<?xf32>
    ```
  }];
}

def Advx_NormOp : Advx_CompositeOp<"norm"> {
  let summary = "Norm of all elements of an example; its derivative at 0 is 0";
  let description = [{
    The order is `l1`, `l2` or `linf`.

    ```mlir
    %r = advx.norm l2 %x : (tensor<?x1x28x28xf32>) -> tensor<?xf32>
    ```
  }];
  let arguments = (ins Advx_NormOrder:$order, Advx_FloatTensor:$input);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = "$order $input attr-dict `:` functional-type(operands, results)";
}

def Advx_NormalizeOp : Advx_CompositeOp<"normalize"> {
  let summary = "x / max(|x|, 1e-12) with the Euclidean norm";
  let description = [{
    The norm is taken along a per-example axis, or with `axis -1` over all of them.
    Where the norm is 0 so are the result and its derivative.

    ```mlir
    %r = advx.normalize %w axis 0 : (tensor<100x10xf32>) -> tensor<100x10xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$input, I64Attr:$axis);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = "$input `axis` $axis attr-dict `:` functional-type(operands, results)";
}

def Advx_ClipOp : Advx_CompositeOp<"clip"> {
  let summary = "min(max(x, lower), upper)";
  let description = [{
    The cotangent goes to `x` where it lies between the bounds or on one of them. NaN
    where an operand is.

    ```mlir
    %r = advx.clip %x, %lo, %hi : (tensor<?x10xf32>, tensor<f32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$input, Advx_FloatTensor:$lower, Advx_FloatTensor:$upper);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, std::optional<::mlir::Location> location, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::mlir::advx::inferElementwise({getOperationName(), location}, adaptor.getOperands(),
          ::mlir::getElementTypeOrSelf(adaptor.getInput().getType()), types);
    }
  }];
}

def Advx_MaxPool2dOp : Advx_CompositeOp<"max_pool2d"> {
  let summary = "Largest element of each window";
  let description = [{
    `x[C, H, W]` gives `[C, Ho, Wo]`; padding never wins, and the cotangent goes to
    the first of the largest elements, or to the last NaN.

    ```mlir
    %r = advx.max_pool2d %x kernel [2, 2] stride [2, 2] padding [0, 0] : (tensor<?x16x14x14xf32>) -> tensor<?x16x7x7xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$input, DenseI64ArrayAttr:$kernel,
                       DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = [{
    $input `kernel` $kernel `stride` $stride `padding` $padding attr-dict `:`
    functional-type(operands, results)
  }];
}

def Advx_BatchNormOp : Advx_CompositeOp<"batch_norm"> {
  let summary = "Batch normalisation, with the running statistics that it leaves";
  let description = [{
    Axis 0 of an example is the channel. In mode `eval` the running statistics
    normalise; in `batch` and `train` the mean and the biased variance over the batch
    and the other axes do. `train` also returns new running statistics,
    `(1 - momentum) * old + momentum * statistic` with the unbiased variance, as
    PyTorch does; the other modes return the old ones. With a single element a
    channel the unbiased variance is 0.

    `gamma` and `beta` have the operand's element type. The running statistics are state
    and may have another float type, one for both: they are cast to the operand's where
    they normalise, and the batch's to theirs where they are updated.

    ```mlir
    %y, %m, %v = advx.batch_norm train %x, %gamma, %beta, %mean, %var, %eps, %momentum : (tensor<?x16x7x7xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, f64, f64) -> (tensor<?x16x7x7xf32>, tensor<16xf32>, tensor<16xf32>)
    ```
  }];
  let arguments = (ins Advx_ModelMode:$mode, Advx_FloatTensor:$input, Advx_FloatTensor:$gamma,
                       Advx_FloatTensor:$beta, Advx_FloatTensor:$runningMean,
                       Advx_FloatTensor:$runningVar, F64:$eps, F64:$momentum);
  let results = (outs Advx_FloatTensor:$result, Advx_FloatTensor:$newMean,
                      Advx_FloatTensor:$newVar);
  let assemblyFormat = "$mode operands attr-dict `:` functional-type(operands, results)";
}

def Advx_DropoutOp : Advx_CompositeOp<"dropout"> {
  let summary = "Sets elements to 0 at random and scales the others";
  let description = [{
    Each element is multiplied by `1 / (1 - p)`, with probability `p` by 0. In mode
    `eval` nothing happens. The draw is that of `random_uniform` with the same index,
    counters and stream.

    ```mlir
    %r = advx.dropout train %x, %p, %index[%k] stream "drop1" : (tensor<?x128xf32>, f64, tensor<?xi64>, index) -> tensor<?x128xf32>
    ```
  }];
  let arguments = (ins Advx_ModelMode:$mode, Advx_FloatTensor:$input, F64:$probability,
                       Advx_IntTensor:$index, Variadic<Index>:$counters, StrAttr:$stream);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = [{
    $mode $input `,` $probability `,` $index `[` $counters `]` `stream` $stream attr-dict `:`
    functional-type(operands, results)
  }];
}

#endif // ADVX_DIALECT_IR_COMPOSITEOPS_TD
