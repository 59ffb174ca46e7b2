//===- VjpOpInterface.td - The derivative of an op -------------------------===//

#ifndef ADVX_DIALECT_INTERFACES_VJPOPINTERFACE_TD
#define ADVX_DIALECT_INTERFACES_VJPOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def VjpOpInterface : OpInterface<"VjpOpInterface"> {
  let cppNamespace = "::mlir::advx";
  let description = [{
    An op with a vector-Jacobian product: given the cotangent of its result, the
    derivative of some scalar by it, the op emits the cotangents of its operands.

    Every op that a product emits has a product itself or no float result, so that
    derivatives of any order exist. A product speaks of per-example shapes: where
    an operand was broadcast (a scalar, or a value without a batch axis), the
    caller sums the answer over what was broadcast.
  }];
  let methods = [
    InterfaceMethod<[{
        Emits, at the builder's insertion point, the cotangents of the operands
        whose `needed` flag is set, and writes them to `out`, which has one null
        entry an operand. A null left in `out` means zero. `cotangents` has one
        entry a result, null where the result has no influence; at least one is
        not null.
      }],
      "void", "buildVjp",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$location,
           "::llvm::ArrayRef<::mlir::Value>":$cotangents, "::llvm::ArrayRef<bool>":$needed,
           "::llvm::MutableArrayRef<::mlir::Value>":$out)>
  ];
}

#endif // ADVX_DIALECT_INTERFACES_VJPOPINTERFACE_TD
