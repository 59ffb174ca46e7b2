//===- TensorOpInterface.td - What an op is to kernels and layouts ---------===//

#ifndef ADVX_DIALECT_INTERFACES_TENSOROPINTERFACE_TD
#define ADVX_DIALECT_INTERFACES_TENSOROPINTERFACE_TD

include "mlir/IR/OpBase.td"

def TensorOpInterface : OpInterface<"TensorOpInterface"> {
  let cppNamespace = "::mlir::advx";
  let description = [{
    What the passes ask of an op of the tensor tier instead of asking which op it is.
    Axes are per-example axes. The answers of an op that says nothing are those of a
    library call: no kernel computes it, and images reach it in one order of axes.
    An op whose attributes name axes or shapes answers canPermuteAxes and permuteAxes
    together, or neither.
  }];
  let methods = [
    InterfaceMethod<
      "What the partition makes of the op.",
      "::mlir::advx::FusionRole", "getFusionRole", (ins), "",
      [{ return ::mlir::advx::FusionRole::library; }]>,
    InterfaceMethod<
      "Whether kernels know how to compute the op, be it in a cluster written by hand.",
      "bool", "hasKernelForm", (ins), "",
      [{
        ::mlir::advx::FusionRole role = $_op.getFusionRole();
        return role == ::mlir::advx::FusionRole::free || role == ::mlir::advx::FusionRole::fusible;
      }]>,
    InterfaceMethod<[{
        Floating-point operations, those of one example where anything is batched; a
        multiply-add is two, an exp is one.
      }],
      "int64_t", "getFlops", (ins), "", [{ return 0; }]>,
    InterfaceMethod<
      "How the op makes one element out of many, if it does.",
      "::mlir::advx::ReductionKind", "getReductionKind", (ins), "",
      [{ return ::mlir::advx::ReductionKind::none; }]>,
    InterfaceMethod<[{
        The axes of an operand that a reduction goes along, increasing; the other axes
        are kept. A reduction walks all axes of its first operand.
      }],
      "::llvm::SmallVector<int64_t>", "getReducedAxes", (ins "unsigned":$operand), "",
      [{ (void)operand; return {}; }]>,
    InterfaceMethod<
      "Whether more is read of an operand than how many examples it has.",
      "bool", "readsElements", (ins "unsigned":$operand), "",
      [{ (void)operand; return true; }]>,
    InterfaceMethod<
      "Whether an example of the result is that of operand 0, element for element in order.",
      "bool", "keepsElements", (ins), "", [{ return false; }]>,
    InterfaceMethod<[{
        Whether the op can work on operands and results that have their axes in another
        order instead: all values with as many axes as `order` has entries. Axis i of
        the new order is axis `order[i]` of the old one.
      }],
      "bool", "canPermuteAxes", (ins "::llvm::ArrayRef<int64_t>":$order), "",
      [{ (void)order; return false; }]>,
    InterfaceMethod<[{
        Changes the attributes so that the op does on values in the other order what it
        did before; asked only where it can. The types are up to the caller.
      }],
      "void", "permuteAxes", (ins "::llvm::ArrayRef<int64_t>":$order), "", [{ (void)order; }]>,
    InterfaceMethod<
      "Whether the op is faster on images with their channels last, and does not have them so.",
      "bool", "wantsChannelsLast", (ins), "", [{ return false; }]>
  ];
}

#endif // ADVX_DIALECT_INTERFACES_TENSOROPINTERFACE_TD
