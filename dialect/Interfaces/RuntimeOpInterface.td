//===- RuntimeOpInterface.td - The -O0 form of an op -----------------------===//

#ifndef ADVX_DIALECT_INTERFACES_RUNTIMEOPINTERFACE_TD
#define ADVX_DIALECT_INTERFACES_RUNTIMEOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def RuntimeOpInterface : OpInterface<"RuntimeOpInterface"> {
  let cppNamespace = "::mlir::advx";
  let description = [{
    An op that is one runtime call at -O0 (`AdvxOp` in runtime/abi/advx_abi.h).
    The call's tensors are the results, then the tensor operands, in the order of
    the op's definition; its counters are the `index` operands. Its numbers are
    `runtimeNumbers`, then the `f64` operands.
  }];
  let methods = [
    InterfaceMethod<
      "The symbol of the runtime function.",
      "::std::string", "runtimeName", (ins), "",
      [{ return ("advx_op_" + $_op->getName().stripDialect()).str(); }]>,
    InterfaceMethod<
      "Appends the integers that the call passes, in the order that the op documents.",
      "void", "runtimeAttributes", (ins "::llvm::SmallVectorImpl<int64_t> &":$attributes), "",
      [{ (void)attributes; }]>,
    InterfaceMethod<
      "Appends the numbers known at compile time; the f64 operands follow them.",
      "void", "runtimeNumbers", (ins "::llvm::SmallVectorImpl<double> &":$numbers), "",
      [{ (void)numbers; }]>
  ];
}

#endif // ADVX_DIALECT_INTERFACES_RUNTIMEOPINTERFACE_TD
