//===- ElementwiseOps.td - One number at a time -----------------------------===//

#ifndef ADVX_DIALECT_IR_ELEMENTWISEOPS_TD
#define ADVX_DIALECT_IR_ELEMENTWISEOPS_TD

include "dialect/IR/AdvxBase.td"

/// Operands have the same per-example shape or are per-example scalars, which
/// broadcast, and one element type; the result is batched iff an operand is. The scalar form is in
/// ScalarForms.cpp; `cost` is what it takes, a case of ScalarCost.
class Advx_ElementwiseOp<string mnemonic, string cost, list<Trait> traits = [],
                         Trait runtime = Advx_Runtime>
    : Advx_TensorOp<mnemonic,
                    !listconcat([runtime, DeclareOpInterfaceMethods<ElementwiseOpInterface>],
                                traits),
                    ["getFusionRole", "getFlops", "canPermuteAxes"]> {
  // The element type of the result is that of operand 0, unless the op says otherwise.
  code elementType = [{ ::mlir::getElementTypeOrSelf(adaptor.getOperands()[0].getType()) }];
  // Leading operands that have element types of their own.
  code conditions = "0";
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *context, std::optional<::mlir::Location> location, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::mlir::advx::inferElementwise({getOperationName(), location}, adaptor.getOperands(),
                                            }] # elementType # [{, types, }] # conditions # [{);
    }
    ::mlir::advx::ScalarCost $cppClass::getScalarCost() {
      return ::mlir::advx::ScalarCost::}] # cost # [{;
    }
    ::mlir::advx::FusionRole $cppClass::getFusionRole() {
      return ::mlir::advx::FusionRole::fusible;
    }
    int64_t $cppClass::getFlops() { return ::mlir::advx::exampleElements(getType()); }
    bool $cppClass::canPermuteAxes(::llvm::ArrayRef<int64_t>) { return true; }
  }];
}

class Advx_UnaryOp<string mnemonic, string cost, list<Trait> traits = []>
    : Advx_ElementwiseOp<mnemonic, cost, !listconcat([Advx_Differentiable], traits)> {
  let arguments = (ins Advx_FloatTensor:$input);
  let results = (outs Advx_FloatTensor:$result);
}

class Advx_BinaryOp<string mnemonic, string cost, list<Trait> traits = []>
    : Advx_ElementwiseOp<mnemonic, cost, !listconcat([Advx_Differentiable], traits)> {
  let arguments = (ins Advx_FloatTensor:$lhs, Advx_FloatTensor:$rhs);
  let results = (outs Advx_FloatTensor:$result);
}

class Advx_LogicalOp<string mnemonic, string cost, list<Trait> traits = []>
    : Advx_ElementwiseOp<mnemonic, cost, traits> {
  let arguments = (ins Advx_BoolTensor:$lhs, Advx_BoolTensor:$rhs);
  let results = (outs Advx_BoolTensor:$result);
}

//===----------------------------------------------------------------------===//
// One operand
//===----------------------------------------------------------------------===//

def Advx_NegOp : Advx_UnaryOp<"neg", "cheap"> {
  let summary = "-x";
  let description = [{
    The opposite of each element.

    ```mlir
    %r = advx.neg %x : (tensor<?x10xf32>) -> tensor<?x10xf32>
    ```
  }];
  let hasFolder = 1;
}

def Advx_ExpOp : Advx_UnaryOp<"exp", "function"> {
  let summary = "e to the power of x";
  let description = [{
    The exponential of each element.

    ```mlir
    %r = advx.exp %x : (tensor<?x10xf32>) -> tensor<?x10xf32>
    ```
  }];
}

def Advx_LogOp : Advx_UnaryOp<"log", "function"> {
  let summary = "Natural logarithm";
  let description = [{
    The natural logarithm of each element; minus infinity at 0, NaN below.

    ```mlir
    %r = advx.log %x : (tensor<?xf32>) -> tensor<?xf32>
    ```
  }];
}

def Advx_SqrtOp : Advx_UnaryOp<"sqrt", "slow"> {
  let summary = "Square root; its derivative at 0 is 0";
  let description = [{
    The square root of each element, NaN below 0. The derivative at and below 0 is
    defined as 0, which makes the derivative of a Euclidean norm at 0 equal to 0.

    ```mlir
    %r = advx.sqrt %x : (tensor<?xf32>) -> tensor<?xf32>
    ```
  }];
}

def Advx_AbsOp : Advx_UnaryOp<"abs", "cheap"> {
  let summary = "Absolute value; its derivative at 0 is 0";
  let description = [{
    The absolute value of each element.

    ```mlir
    %r = advx.abs %x : (tensor<10xf32>) -> tensor<10xf32>
    ```
  }];
}

def Advx_SignOp : Advx_UnaryOp<"sign", "cheap"> {
  let summary = "-1, 0 or 1; its derivative is 0";
  let description = [{
    The sign of each element, 0 at 0 and, as in PyTorch, of a NaN. The derivative is 0
    everywhere.

    ```mlir
    %r = advx.sign %x : (tensor<?x1x28x28xf32>) -> tensor<?x1x28x28xf32>
    ```
  }];
}

def Advx_FloorOp : Advx_UnaryOp<"floor", "cheap"> {
  let summary = "Largest whole number that is not above x; its derivative is 0";
  let description = [{
    Each element rounded down. The derivative is 0 everywhere.

    ```mlir
    %r = advx.floor %x : (tensor<f32>) -> tensor<f32>
    ```
  }];
}

def Advx_CeilOp : Advx_UnaryOp<"ceil", "cheap"> {
  let summary = "Smallest whole number that is not below x; its derivative is 0";
  let description = [{
    Each element rounded up. The derivative is 0 everywhere.

    ```mlir
    %r = advx.ceil %x : (tensor<f32>) -> tensor<f32>
    ```
  }];
}

def Advx_ReluOp : Advx_UnaryOp<"relu", "cheap"> {
  let summary = "max(x, 0); its derivative at 0 is 0";
  let description = [{
    The positive part of each element. A NaN stays one, and so does its cotangent.

    ```mlir
    %r = advx.relu %x : (tensor<?x16x14x14xf32>) -> tensor<?x16x14x14xf32>
    ```
  }];
}

def Advx_TanhOp : Advx_UnaryOp<"tanh", "function"> {
  let summary = "Hyperbolic tangent";
  let description = [{
    The hyperbolic tangent of each element.

    ```mlir
    %r = advx.tanh %x : (tensor<?x16xf32>) -> tensor<?x16xf32>
    ```
  }];
}

def Advx_ErfOp : Advx_UnaryOp<"erf", "function"> {
  let summary = "Error function";
  let description = [{
    The error function of each element, `2/sqrt(pi)` times the integral of `exp(-t^2)`
    from 0 to it.

    ```mlir
    %r = advx.erf %x : (tensor<?x16xf32>) -> tensor<?x16xf32>
    ```
  }];
}

//===----------------------------------------------------------------------===//
// Two operands
//===----------------------------------------------------------------------===//

def Advx_AddOp : Advx_BinaryOp<"add", "cheap", [Commutative]> {
  let summary = "Sum of two tensors";
  let description = [{
    ```mlir
    %r = advx.add %a, %b : (tensor<?x10xf32>, tensor<10xf32>) -> tensor<?x10xf32>
    ```
  }];
  let hasFolder = 1;
}

def Advx_SubOp : Advx_BinaryOp<"sub", "cheap"> {
  let summary = "Difference of two tensors";
  let description = [{
    ```mlir
    %r = advx.sub %a, %b : (tensor<?x10xf32>, tensor<?xf32>) -> tensor<?x10xf32>
    ```
  }];
  let hasFolder = 1;
}

def Advx_MulOp : Advx_BinaryOp<"mul", "cheap", [Commutative]> {
  let summary = "Product of two tensors, element by element";
  let description = [{
    ```mlir
    %r = advx.mul %a, %b : (tensor<?x10xf32>, tensor<f32>) -> tensor<?x10xf32>
    ```
  }];
  let hasFolder = 1;
}

def Advx_DivOp : Advx_BinaryOp<"div", "slow"> {
  let summary = "Quotient of two tensors, element by element";
  let description = [{
    ```mlir
    %r = advx.div %a, %b : (tensor<?x10xf32>, tensor<?xf32>) -> tensor<?x10xf32>
    ```
  }];
  let hasFolder = 1;
}

def Advx_PowOp : Advx_BinaryOp<"pow", "function"> {
  let summary = "Power of two tensors, element by element";
  let description = [{
    C's `pow`. The derivative by an exponent is 0 where the base is 0 or negative;
    the derivative by a base is 0 where the exponent is 0.

    ```mlir
    %r = advx.pow %a, %b : (tensor<?x10xf32>, tensor<f32>) -> tensor<?x10xf32>
    ```
  }];
}

def Advx_MaximumOp : Advx_BinaryOp<"maximum", "cheap"> {
  let summary = "The larger of two; a tie belongs to the left operand";
  let description = [{
    The cotangent goes to the left operand where it is at least the right one, and
    to the right operand elsewhere; to both where one is NaN, and the result is.

    ```mlir
    %r = advx.maximum %a, %b : (tensor<?x10xf32>, tensor<f32>) -> tensor<?x10xf32>
    ```
  }];
  let hasFolder = 1;
}

def Advx_MinimumOp : Advx_BinaryOp<"minimum", "cheap"> {
  let summary = "The smaller of two; a tie belongs to the left operand";
  let description = [{
    The cotangent goes to the left operand where it is at most the right one, and
    to the right operand elsewhere; to both where one is NaN, and the result is.

    ```mlir
    %r = advx.minimum %a, %b : (tensor<?x10xf32>, tensor<f32>) -> tensor<?x10xf32>
    ```
  }];
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// Booleans and choice
//===----------------------------------------------------------------------===//

def Advx_CompareOp : Advx_ElementwiseOp<"compare", "cheap", [], Advx_RuntimeAttributes> {
  let summary = "Compares two tensors of numbers, element by element";
  let description = [{
    A comparison with a NaN is false, except `ne`.

    Runtime attributes: the predicate (eq 0, ne 1, lt 2, le 3, gt 4, ge 5).

    ```mlir
    %r = advx.compare gt %a, %b : (tensor<?x10xf32>, tensor<f32>) -> tensor<?x10xi1>
    ```
  }];
  let arguments = (ins Advx_ComparePredicate:$predicate, Advx_NumberTensor:$lhs,
                       Advx_NumberTensor:$rhs);
  let results = (outs Advx_BoolTensor:$result);
  let elementType = [{ ::mlir::IntegerType::get(context, 1) }];
  let assemblyFormat = "$predicate operands attr-dict `:` functional-type(operands, results)";
}

def Advx_LogicalAndOp : Advx_LogicalOp<"logical_and", "cheap", [Commutative]> {
  let summary = "True where both operands are";
  let description = [{
    ```mlir
    %r = advx.logical_and %a, %b : (tensor<?xi1>, tensor<?xi1>) -> tensor<?xi1>
    ```
  }];
}

def Advx_LogicalOrOp : Advx_LogicalOp<"logical_or", "cheap", [Commutative]> {
  let summary = "True where at least one operand is";
  let description = [{
    ```mlir
    %r = advx.logical_or %a, %b : (tensor<?xi1>, tensor<i1>) -> tensor<?xi1>
    ```
  }];
}

def Advx_LogicalNotOp : Advx_ElementwiseOp<"logical_not", "cheap"> {
  let summary = "True where the operand is false";
  let description = [{
    ```mlir
    %r = advx.logical_not %a : (tensor<?xi1>) -> tensor<?xi1>
    ```
  }];
  let arguments = (ins Advx_BoolTensor:$input);
  let results = (outs Advx_BoolTensor:$result);
  let hasFolder = 1;
}

def Advx_SelectOp : Advx_ElementwiseOp<"select", "cheap", [Advx_Differentiable]> {
  let summary = "One of two tensors, element by element";
  let description = [{
    `onTrue` where the condition holds, `onFalse` elsewhere. The value (and the
    cotangent) that is not chosen has no influence, even if it is a NaN.

    ```mlir
    %r = advx.select %c, %a, %b : (tensor<?xi1>, tensor<?x10xf32>, tensor<f32>) -> tensor<?x10xf32>
    ```
  }];
  let arguments = (ins Advx_BoolTensor:$condition, Advx_AnyTensor:$onTrue,
                       Advx_AnyTensor:$onFalse);
  let results = (outs Advx_AnyTensor:$result);
  let elementType = [{ ::mlir::getElementTypeOrSelf(adaptor.getOnTrue().getType()) }];
  let conditions = "1";
  let hasFolder = 1;
}

def Advx_CastOp : Advx_ElementwiseOp<"cast", "cheap", [Advx_Differentiable]> {
  let summary = "A boolean, a whole number or a float, as a float of another type";
  let description = [{
    The value rounded once, ties to even; beyond the largest number it is infinite, and
    a NaN stays one. `true` becomes 1 and `false` 0. This is the only op that takes
    numbers of one type and gives floats of another, so it is what makes a mixture of
    types legal: ops take floats of one type and say where they do not.

    The derivative is that of the exact number, as in PyTorch: the cotangent is cast
    back to the operand's type. Booleans and whole numbers have none.

    There is one op rather than one for numbers that have a derivative and another for
    those that have not: the operand's type tells them apart, and a cast of a cast
    folds, whichever it is, where the first rounds nothing.

    ```mlir
    %r = advx.cast %a to f32 : (tensor<?xi1>) -> tensor<?xf32>
    %s = advx.cast %r to f64 : (tensor<?xf32>) -> tensor<?xf64>
    ```
  }];
  let arguments = (ins Advx_AnyTensor:$input, TypeAttrOf<Advx_FloatElement>:$to);
  let results = (outs Advx_FloatTensor:$result);
  let elementType = [{ adaptor.getTo() }];
  let assemblyFormat = "$input `to` $to attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

#endif // ADVX_DIALECT_IR_ELEMENTWISEOPS_TD
