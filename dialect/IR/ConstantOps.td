//===- ConstantOps.td - Tensors made of numbers -----------------------------===//

#ifndef ADVX_DIALECT_IR_CONSTANTOPS_TD
#define ADVX_DIALECT_IR_CONSTANTOPS_TD

include "dialect/IR/AdvxBase.td"

def Advx_ConstantOp
    : Advx_Op<"constant", [Pure, Advx_RuntimeNumbers,
                           Advx_Answers<["getFusionRole", "canPermuteAxes"]>]> {
  let summary = "A tensor without a batch axis, all of whose elements are one number";
  let description = [{
    In a tensor of `i64` the number is whole; in a tensor of `i1` it is 0 or 1.

    Runtime numbers: the value.

    ```mlir
    %r = advx.constant 1.0 : tensor<10xf32>
    ```
  }];
  let arguments = (ins F64Attr:$value);
  let results = (outs Advx_AnyTensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Type":$type, "double":$value)>];
  let assemblyFormat = "$value attr-dict `:` type($result)";
  let hasVerifier = 1;
  let extraClassDefinition = [{
    ::mlir::advx::FusionRole $cppClass::getFusionRole() { return ::mlir::advx::FusionRole::free; }
    bool $cppClass::canPermuteAxes(::llvm::ArrayRef<int64_t>) { return true; }
  }];
}

def Advx_ConstantListOp
    : Advx_Op<"constant_list", [Pure, Advx_RuntimeNumbers, Advx_Answers<["getFusionRole"]>]> {
  let summary = "A vector of numbers written out";
  let description = [{
    Runtime numbers: the values.

    ```mlir
    %r = advx.constant_list [0.4914, 0.4822, 0.4465] : tensor<3xf32>
    ```
  }];
  let arguments = (ins DenseF64ArrayAttr:$values);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = "$values attr-dict `:` type($result)";
  let hasVerifier = 1;
  let extraClassDefinition = [{
    ::mlir::advx::FusionRole $cppClass::getFusionRole() { return ::mlir::advx::FusionRole::free; }
  }];
}

def Advx_IotaOp : Advx_Op<"iota", [Pure, Advx_Runtime, Advx_Answers<["getFusionRole"]>]> {
  let summary = "The numbers from 0 on";
  let description = [{
    Element `i` of the vector is `i`.

    ```mlir
    %r = advx.iota : tensor<32xf32>
    ```
  }];
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasVerifier = 1;
  let extraClassDefinition = [{
    ::mlir::advx::FusionRole $cppClass::getFusionRole() { return ::mlir::advx::FusionRole::free; }
  }];
}

def Advx_SplatOp : Advx_Op<"splat", [Pure, Advx_Runtime, Advx_Answers<["getFusionRole"]>]> {
  let summary = "Brings a number into the tensor world";
  let description = [{
    A number known before the step, rounded once to the element type. A constant as
    far as derivatives go.

    ```mlir
    %r = advx.splat %s : (f64) -> tensor<f32>
    ```
  }];
  let arguments = (ins F64:$value);
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = "$value attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let extraClassDefinition = [{
    ::mlir::advx::FusionRole $cppClass::getFusionRole() { return ::mlir::advx::FusionRole::free; }
  }];
}

#endif // ADVX_DIALECT_IR_CONSTANTOPS_TD
