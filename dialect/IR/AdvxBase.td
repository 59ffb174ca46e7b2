//===- AdvxBase.td - Constraints, enums and base classes of the ops --------===//

#ifndef ADVX_DIALECT_IR_ADVXBASE_TD
#define ADVX_DIALECT_IR_ADVXBASE_TD

include "dialect/IR/AdvxDialect.td"
include "dialect/Interfaces/ElementwiseOpInterface.td"
include "dialect/Interfaces/RuntimeOpInterface.td"
include "dialect/Interfaces/TensorOpInterface.td"
include "dialect/Interfaces/VjpOpInterface.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

//===----------------------------------------------------------------------===//
// Type constraints
//===----------------------------------------------------------------------===//

class Advx_TensorConstraint<string predicate, string summary>
    : Type<CPred<"::mlir::advx::" # predicate # "($_self)">, summary, "::mlir::TensorType">;

def Advx_FloatTensor : Advx_TensorConstraint<"isFloatTensor",
    "tensor of f32 or f64 whose only dynamic axis is the leading batch axis">;
def Advx_IntTensor : Advx_TensorConstraint<"isIntTensor",
    "tensor of i64 whose only dynamic axis is the leading batch axis">;
def Advx_BoolTensor : Advx_TensorConstraint<"isBoolTensor",
    "tensor of i1 whose only dynamic axis is the leading batch axis">;
def Advx_NumberTensor : Advx_TensorConstraint<"isNumberTensor",
    "tensor of f32, f64 or i64 whose only dynamic axis is the leading batch axis">;
def Advx_DiscreteTensor : Advx_TensorConstraint<"isDiscreteTensor",
    "tensor of i64 or i1 whose only dynamic axis is the leading batch axis">;
def Advx_AnyTensor : Advx_TensorConstraint<"isTensor",
    "tensor of f32, f64, i64 or i1 whose only dynamic axis is the leading batch axis">;

/// The element type of a tensor of floats, where an attribute names it.
def Advx_FloatElement : Type<CPred<"::mlir::advx::isFloatElement($_self)">, "f32 or f64">;

//===----------------------------------------------------------------------===//
// Enums
//===----------------------------------------------------------------------===//

def Advx_ComparePredicate : I64EnumAttr<"ComparePredicate", "how two numbers are compared", [
    I64EnumAttrCase<"eq", 0>, I64EnumAttrCase<"ne", 1>, I64EnumAttrCase<"lt", 2>,
    I64EnumAttrCase<"le", 3>, I64EnumAttrCase<"gt", 4>, I64EnumAttrCase<"ge", 5>]> {
  let cppNamespace = "::mlir::advx";
}

def Advx_ModelMode : I64EnumAttr<"ModelMode", "how batch normalisation and dropout behave", [
    I64EnumAttrCase<"eval", 0>, I64EnumAttrCase<"batch", 1>, I64EnumAttrCase<"train", 2>]> {
  let cppNamespace = "::mlir::advx";
}

def Advx_NormOrder : I64EnumAttr<"NormOrder", "order of a vector norm", [
    I64EnumAttrCase<"l1", 0>, I64EnumAttrCase<"l2", 1>, I64EnumAttrCase<"linf", 2>]> {
  let cppNamespace = "::mlir::advx";
}

//===----------------------------------------------------------------------===//
// Traits
//===----------------------------------------------------------------------===//

/// The op is defined by other tensor-tier ops; `advx-decompose` replaces it.
def Advx_Composite : NativeOpTrait<"Composite"> {
  let cppNamespace = "::mlir::advx";
}

/// What the op makes of an example depends on others of the batch, though its result has a
/// batch axis.
def Advx_MixesExamples : NativeOpTrait<"MixesExamples"> {
  let cppNamespace = "::mlir::advx";
}

/// The op has a derivative; the method is in Vjp<Family>.cpp.
defvar Advx_Differentiable = DeclareOpInterfaceMethods<VjpOpInterface>;

/// At -O0 the op is one call of the runtime with no attributes, or with the
/// attributes and numbers that the overridden methods list.
defvar Advx_Runtime = DeclareOpInterfaceMethods<RuntimeOpInterface>;
defvar Advx_RuntimeAttributes =
    DeclareOpInterfaceMethods<RuntimeOpInterface, ["runtimeAttributes"]>;
defvar Advx_RuntimeNamed = DeclareOpInterfaceMethods<RuntimeOpInterface, ["runtimeName"]>;
defvar Advx_RuntimeProvided =
    DeclareOpInterfaceMethods<RuntimeOpInterface, ["runtimeName", "runtimeAttributes"]>;
defvar Advx_RuntimeNumbers = DeclareOpInterfaceMethods<RuntimeOpInterface, ["runtimeNumbers"]>;

/// What the op answers the passes itself: methods of TensorOpInterface. The others
/// answer what is said there.
class Advx_Answers<list<string> methods> : DeclareOpInterfaceMethods<TensorOpInterface, methods>;

//===----------------------------------------------------------------------===//
// Providers
//===----------------------------------------------------------------------===//

/// Who computes a library op, and how; docs/how-to/add-a-provider.md.
defvar Advx_ProviderArguments =
    (ins OptionalAttr<StrAttr>:$provider, OptionalAttr<StrAttr>:$algorithm);

//===----------------------------------------------------------------------===//
// Base classes
//===----------------------------------------------------------------------===//

class Advx_Op<string mnemonic, list<Trait> traits = []> : Op<Advx_Dialect, mnemonic, traits>;

/// A tensor-tier op: pure, its result types a function of operands and attributes.
/// `answers` are the methods of TensorOpInterface that it has of its own.
class Advx_TensorOp<string mnemonic, list<Trait> traits = [], list<string> answers = []>
    : Advx_Op<mnemonic, !listconcat([Pure, InferTypeOpAdaptor, Advx_Answers<answers>], traits)>;

//===----------------------------------------------------------------------===//
// Images
//===----------------------------------------------------------------------===//

/// An op of images in either order of axes, as its attribute `channelsLast` says: what
/// it answers itself, and how.
defvar Advx_ImageAnswers = ["canPermuteAxes", "permuteAxes", "wantsChannelsLast"];
defvar Advx_ImageDefinition = [{
    bool $cppClass::wantsChannelsLast() { return !getChannelsLast(); }
    bool $cppClass::canPermuteAxes(::llvm::ArrayRef<int64_t> order) {
      return !getChannelsLast() &&
             order == ::llvm::ArrayRef<int64_t>(::mlir::advx::ImageAxes::lastOfFirst);
    }
    void $cppClass::permuteAxes(::llvm::ArrayRef<int64_t>) { setChannelsLast(true); }
}];

#endif // ADVX_DIALECT_IR_ADVXBASE_TD
