//===- ElementwiseOpInterface.td - One element of an op --------------------===//

#ifndef ADVX_DIALECT_INTERFACES_ELEMENTWISEOPINTERFACE_TD
#define ADVX_DIALECT_INTERFACES_ELEMENTWISEOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def ElementwiseOpInterface : OpInterface<"ElementwiseOpInterface"> {
  let cppNamespace = "::mlir::advx";
  let description = [{
    An op that makes an element of its result of one element of each operand: its
    scalar form. Kernels of every target are made of it; no other list names the op.
    Operands have one per-example shape or broadcast to it; see inferElementwise.
  }];
  let methods = [
    InterfaceMethod<[{
        Emits an element, or a vector of them, from those of the operands, which are all
        scalars or all vectors of one length. NaNs go the way that they go in the
        runtime function.
      }],
      "::mlir::Value", "buildScalar",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$location,
           "::llvm::ArrayRef<::mlir::Value>":$operands)>,
    InterfaceMethod<
      "What the scalar form takes.",
      "::mlir::advx::ScalarCost", "getScalarCost", (ins)>
  ];
}

#endif // ADVX_DIALECT_INTERFACES_ELEMENTWISEOPINTERFACE_TD
