//===- ShapeOps.td - Where elements are ------------------------------------===//

#ifndef ADVX_DIALECT_IR_SHAPEOPS_TD
#define ADVX_DIALECT_IR_SHAPEOPS_TD

include "dialect/IR/AdvxBase.td"

/// `role` is what the partition makes of the op, a case of FusionRole.
class Advx_ShapeOp<string mnemonic, string role, Trait runtime = Advx_RuntimeAttributes,
                   list<string> answers = ["canPermuteAxes", "permuteAxes"]>
    : Advx_TensorOp<mnemonic, [Advx_Differentiable, runtime],
                    !listconcat(["getFusionRole"], answers)> {
  let results = (outs Advx_AnyTensor:$result);
  let extraClassDefinition = [{
    ::mlir::advx::FusionRole $cppClass::getFusionRole() {
      return ::mlir::advx::FusionRole::}] # role # [{;
    }
  }];
}

def Advx_BroadcastOp : Advx_ShapeOp<"broadcast", "free"> {
  let summary = "Repeats a tensor along new per-example axes";
  let description = [{
    `shape` is the per-example shape of the result. `axes`, increasing, has one
    entry an axis of the operand: the axis of the result that it becomes. Every
    other axis of the result repeats.

    Runtime attributes: the axes.

    ```mlir
    %r = advx.broadcast %x shape [16, 14, 14] axes [0] : (tensor<16xf32>) -> tensor<16x14x14xf32>
    ```
  }];
  let arguments = (ins Advx_AnyTensor:$input, DenseI64ArrayAttr:$shape, DenseI64ArrayAttr:$axes);
  let assemblyFormat =
      "$input `shape` $shape `axes` $axes attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Advx_ReshapeOp : Advx_ShapeOp<"reshape", "free", Advx_Runtime, ["keepsElements"]> {
  let summary = "The same elements, in row-major order, in another per-example shape";
  let description = [{
    ```mlir
    %r = advx.reshape %x shape [1568] : (tensor<?x32x7x7xf32>) -> tensor<?x1568xf32>
    ```
  }];
  let arguments = (ins Advx_AnyTensor:$input, DenseI64ArrayAttr:$shape);
  let assemblyFormat = "$input `shape` $shape attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Advx_TransposeOp : Advx_ShapeOp<"transpose", "fusible"> {
  let summary = "Permutes the per-example axes";
  let description = [{
    Axis `i` of the result is axis `permutation[i]` of the operand.

    Runtime attributes: the permutation.

    ```mlir
    %r = advx.transpose %w permutation [1, 0] : (tensor<100x10xf32>) -> tensor<10x100xf32>
    ```
  }];
  let arguments = (ins Advx_AnyTensor:$input, DenseI64ArrayAttr:$permutation);
  let assemblyFormat =
      "$input `permutation` $permutation attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Advx_SliceOp : Advx_ShapeOp<"slice", "fusible"> {
  let summary = "Part of a tensor along one per-example axis";
  let description = [{
    `size` elements from `begin` on.

    Runtime attributes: axis, begin.

    ```mlir
    %r = advx.slice %x axis 0 begin 2 size 3 : (tensor<?x10xf32>) -> tensor<?x3xf32>
    ```
  }];
  let arguments = (ins Advx_AnyTensor:$input, I64Attr:$axis, I64Attr:$begin, I64Attr:$size);
  let assemblyFormat = [{
    $input `axis` $axis `begin` $begin `size` $size attr-dict `:` functional-type(operands, results)
  }];
  let hasFolder = 1;
}

def Advx_PadSliceOp : Advx_ShapeOp<"pad_slice", "fusible"> {
  let summary = "Puts a tensor into a larger one that is 0 elsewhere";
  let description = [{
    The inverse of `slice`: the result has `size` elements along the axis, and the
    operand lies at `begin`.

    Runtime attributes: axis, begin.

    ```mlir
    %r = advx.pad_slice %x axis 0 begin 2 size 10 : (tensor<?x3xf32>) -> tensor<?x10xf32>
    ```
  }];
  let arguments = (ins Advx_AnyTensor:$input, I64Attr:$axis, I64Attr:$begin, I64Attr:$size);
  let assemblyFormat = [{
    $input `axis` $axis `begin` $begin `size` $size attr-dict `:` functional-type(operands, results)
  }];
}

def Advx_ReverseOp : Advx_ShapeOp<"reverse", "fusible"> {
  let summary = "The same elements in reverse along one per-example axis";
  let description = [{
    Runtime attributes: axis.

    ```mlir
    %r = advx.reverse %x axis 2 : (tensor<?x3x32x32xf32>) -> tensor<?x3x32x32xf32>
    ```
  }];
  let arguments = (ins Advx_AnyTensor:$input, I64Attr:$axis);
  let assemblyFormat = "$input `axis` $axis attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Advx_ShiftOp : Advx_ShapeOp<"shift", "fusible"> {
  let summary = "Moves the elements along one per-example axis by an amount of the example";
  let description = [{
    Element `i` along the axis is element `i - by` of the operand where there is one, else 0.
    `by` is rounded to the nearest whole number, a half to the even one, so that moving by `-by`
    is the transpose. Where `by` is NaN, so is every element; an operand that is no tensor of
    floats gives 0 there. The derivative by `by` is 0. The result is batched iff an operand is.

    Runtime attributes: axis.

    ```mlir
    %r = advx.shift %x, %by axis 1 : (tensor<?x3x32x32xf32>, tensor<?xf32>) -> tensor<?x3x32x32xf32>
    ```
  }];
  let arguments = (ins Advx_AnyTensor:$input, Advx_FloatTensor:$by, I64Attr:$axis);
  let assemblyFormat =
      "$input `,` $by `axis` $axis attr-dict `:` functional-type(operands, results)";
}

def Advx_ConcatOp : Advx_ShapeOp<"concat", "fusible"> {
  let summary = "Puts tensors one after the other along a per-example axis";
  let description = [{
    The result is batched iff an operand is; an operand without a batch axis is
    repeated for each example.

    Runtime attributes: number of operands, axis.

    ```mlir
    %r = advx.concat %a, %b axis 0 : (tensor<?x3xf32>, tensor<?x4xf32>) -> tensor<?x7xf32>
    ```
  }];
  let arguments = (ins Variadic<Advx_AnyTensor>:$inputs, I64Attr:$axis);
  let assemblyFormat = "$inputs `axis` $axis attr-dict `:` functional-type(operands, results)";
}

#endif // ADVX_DIALECT_IR_SHAPEOPS_TD
