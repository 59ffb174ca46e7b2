//===- ReductionOps.td - Over the axes of an example, and over the batch ---===//

#ifndef ADVX_DIALECT_IR_REDUCTIONOPS_TD
#define ADVX_DIALECT_IR_REDUCTIONOPS_TD

include "dialect/IR/AdvxBase.td"

/// `axes`, increasing, are per-example axes; without them all axes are meant. `kind` is how the
/// elements become one, a case of ReductionKind.
class Advx_AxesOp<string mnemonic, string kind, list<Trait> traits = []>
    : Advx_TensorOp<mnemonic, !listconcat([Advx_RuntimeAttributes], traits),
                    ["getFusionRole", "getFlops", "getReductionKind", "getReducedAxes",
                     "canPermuteAxes", "permuteAxes"]> {
  let arguments = (ins Advx_FloatTensor:$input, OptionalAttr<DenseI64ArrayAttr>:$axes);
  let assemblyFormat =
      "$input (`axes` $axes^)? attr-dict `:` functional-type(operands, results)";
  let builders = [
    OpBuilder<(ins "::mlir::Value":$input), [{
      build($_builder, $_state, input, ::mlir::DenseI64ArrayAttr());
    }]>,
    OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$axes), [{
      build($_builder, $_state, input, $_builder.getDenseI64ArrayAttr(axes));
    }]>
  ];
  let extraClassDeclaration = [{
    /// The axes, also where the attribute is absent and all are meant.
    ::llvm::SmallVector<int64_t> getAxesOrAll() {
      return ::mlir::advx::axesOrAll(getInput().getType(), getAxes());
    }
  }];
  let extraClassDefinition = [{
    ::mlir::advx::FusionRole $cppClass::getFusionRole() {
      return ::mlir::advx::FusionRole::fusible;
    }
    int64_t $cppClass::getFlops() { return ::mlir::advx::exampleElements(getInput().getType()); }
    ::mlir::advx::ReductionKind $cppClass::getReductionKind() {
      return ::mlir::advx::ReductionKind::}] # kind # [{;
    }
    ::llvm::SmallVector<int64_t> $cppClass::getReducedAxes(unsigned) { return getAxesOrAll(); }
  }];
}

def Advx_ReduceSumOp : Advx_AxesOp<"reduce_sum", "sum", [Advx_Differentiable]> {
  let summary = "Sum over per-example axes";
  let description = [{
    Without `axes` the sum of all elements of an example, which also accepts a
    tensor whose rank is not known.

    Runtime attributes: number of axes, axes.

    ```mlir
    %r = advx.reduce_sum %x axes [1, 2] : (tensor<?x16x7x7xf32>) -> tensor<?x16xf32>
    %s = advx.reduce_sum %r : (tensor<?x16xf32>) -> tensor<?xf32>
    ```
  }];
  let results = (outs Advx_FloatTensor:$result);
  let hasFolder = 1;
}

def Advx_ReduceMaxOp : Advx_AxesOp<"reduce_max", "maximum", [Advx_Differentiable]> {
  let summary = "Largest element over per-example axes; a tie belongs to the first";
  let description = [{
    The cotangent goes to the first of the largest elements.

    Runtime attributes: number of axes, axes.

    ```mlir
    %r = advx.reduce_max %x axes [0] : (tensor<?x10xf32>) -> tensor<?xf32>
    ```
  }];
  let results = (outs Advx_FloatTensor:$result);
  let hasFolder = 1;
}

def Advx_FirstMaxMaskOp : Advx_AxesOp<"first_max_mask", "place"> {
  let summary = "True at the first of the largest elements over per-example axes";
  let description = [{
    The shape of the result is the operand's. Exactly one element is true for each
    combination of the other axes, the first in row-major order.

    Runtime attributes: number of axes, axes.

    ```mlir
    %r = advx.first_max_mask %x axes [0] : (tensor<?x10xf32>) -> tensor<?x10xi1>
    ```
  }];
  let results = (outs Advx_BoolTensor:$result);
}

def Advx_ArgmaxOp
    : Advx_TensorOp<"argmax", [Advx_Runtime],
                    ["getFusionRole", "getFlops", "getReductionKind", "getReducedAxes"]> {
  let summary = "Index of the largest element of a vector; the lowest index wins a tie";
  let description = [{
    ```mlir
    %r = advx.argmax %x : (tensor<?x10xf32>) -> tensor<?xi64>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$input);
  let results = (outs Advx_IntTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::mlir::advx::FusionRole $cppClass::getFusionRole() { return ::mlir::advx::FusionRole::fusible; }
    int64_t $cppClass::getFlops() { return ::mlir::advx::exampleElements(getInput().getType()); }
    ::mlir::advx::ReductionKind $cppClass::getReductionKind() {
      return ::mlir::advx::ReductionKind::place;
    }
    ::llvm::SmallVector<int64_t> $cppClass::getReducedAxes(unsigned) { return {0}; }
  }];
}

def Advx_OneHotOp : Advx_TensorOp<"one_hot", [Advx_Runtime], ["getFusionRole"]> {
  let summary = "True at the place that a label names";
  let description = [{
    A label outside `0 … classes-1` gives no true element.

    ```mlir
    %r = advx.one_hot %y classes 10 : (tensor<?xi64>) -> tensor<?x10xi1>
    ```
  }];
  let arguments = (ins Advx_IntTensor:$label, I64Attr:$classes);
  let results = (outs Advx_BoolTensor:$result);
  let assemblyFormat = "$label `classes` $classes attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::mlir::advx::FusionRole $cppClass::getFusionRole() { return ::mlir::advx::FusionRole::free; }
  }];
}

//===----------------------------------------------------------------------===//
// The batch
//===----------------------------------------------------------------------===//

def Advx_BatchSumOp
    : Advx_TensorOp<"batch_sum", [Advx_Differentiable, Advx_Runtime],
                    ["getFusionRole", "getFlops", "getReductionKind", "canPermuteAxes"]> {
  let summary = "Sum over the examples of the batch";
  let description = [{
    At the problem tier, where a value is that of one example, the operand has no
    batch axis; nowhere else.

    ```mlir
    %r = advx.batch_sum %x : (tensor<?x10xf32>) -> tensor<10xf32>
    ```
  }];
  let arguments = (ins Advx_FloatTensor:$input);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::mlir::advx::FusionRole $cppClass::getFusionRole() { return ::mlir::advx::FusionRole::fusible; }
    int64_t $cppClass::getFlops() { return ::mlir::advx::exampleElements(getInput().getType()); }
    ::mlir::advx::ReductionKind $cppClass::getReductionKind() {
      return ::mlir::advx::ReductionKind::batch;
    }
    bool $cppClass::canPermuteAxes(::llvm::ArrayRef<int64_t>) { return true; }
  }];
}

def Advx_BatchBroadcastOp
    : Advx_TensorOp<"batch_broadcast", [Advx_Differentiable, Advx_Runtime],
                    ["getFusionRole", "readsElements", "keepsElements", "canPermuteAxes"]> {
  let summary = "Repeats a tensor for each example";
  let description = [{
    Of `like` only the number of examples is read, so its element type may be any.

    ```mlir
    %r = advx.batch_broadcast %x, %like : (tensor<10xf32>, tensor<?x1x28x28xf32>) -> tensor<?x10xf32>
    ```
  }];
  let arguments = (ins Advx_AnyTensor:$input, Advx_AnyTensor:$like);
  let results = (outs Advx_AnyTensor:$result);
  let hasCanonicalizeMethod = 1;
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::mlir::advx::FusionRole $cppClass::getFusionRole() { return ::mlir::advx::FusionRole::free; }
    bool $cppClass::readsElements(unsigned operand) { return operand == 0; }
    bool $cppClass::keepsElements() { return true; }
    bool $cppClass::canPermuteAxes(::llvm::ArrayRef<int64_t>) { return true; }
  }];
}

def Advx_BatchSizeOp
    : Advx_Op<"batch_size", [Pure, Advx_Answers<["getFusionRole", "hasKernelForm", "readsElements",
                                                 "canPermuteAxes"]>]> {
  let summary = "Number of examples, as a number of the host program";
  let description = [{
    ```mlir
    %n = advx.batch_size %like : (tensor<?xf32>) -> f64
    ```
  }];
  let arguments = (ins Advx_AnyTensor:$like);
  let results = (outs F64:$size);
  let hasCanonicalizeMethod = 1;
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::mlir::advx::FusionRole $cppClass::getFusionRole() { return ::mlir::advx::FusionRole::host; }
    bool $cppClass::hasKernelForm() { return true; }
    bool $cppClass::readsElements(unsigned) { return false; }
    bool $cppClass::canPermuteAxes(::llvm::ArrayRef<int64_t>) { return true; }
  }];
}

#endif // ADVX_DIALECT_IR_REDUCTIONOPS_TD
