//===- HostOps.td - What the host program adds to the tensor tier -----------===//

#ifndef ADVX_DIALECT_IR_HOSTOPS_TD
#define ADVX_DIALECT_IR_HOSTOPS_TD

include "dialect/IR/AdvxBase.td"

def Advx_UniformOp : Advx_Op<"uniform", [Pure]> {
  let summary = "A number that is filled in before each step";
  let description = [{
    Entry `slot` of the step's uniforms: a setting or a schedule, computed by the
    module's `advx.uniforms` function from the settings and the clock.

    ```mlir
    %rate = advx.uniform 3 : f64
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntNonNegative]>:$slot);
  let results = (outs F64:$result);
  let assemblyFormat = "$slot attr-dict `:` type($result)";
}

def Advx_CopyOp
    : Advx_Op<"copy", [Advx_Runtime, SameOperandsAndResultType,
                       Advx_Answers<["hasKernelForm", "keepsElements", "canPermuteAxes"]>]> {
  let summary = "The operand in a buffer of its own";
  let description = [{
    Made by the planner where a value must outlive the buffer that holds it: loop-
    carried values that change places, new state that is another leaf's old state.
    It has effects as far as common subexpressions go, so that it stays.

    ```mlir
    %r = advx.copy %x : tensor<?x10xf32>
    ```
  }];
  let arguments = (ins Advx_AnyTensor:$input);
  let results = (outs Advx_AnyTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
  let extraClassDefinition = [{
    bool $cppClass::hasKernelForm() { return true; }
    bool $cppClass::keepsElements() { return true; }
    bool $cppClass::canPermuteAxes(::llvm::ArrayRef<int64_t>) { return true; }
  }];
}

def Advx_EndLoopOp : Advx_Op<"end_loop"> {
  let summary = "The loop may end where this holds for every example";
  let description = [{
    Once every entry of `done` is true, the runs that are left of the loop around it
    change nothing of what it carries. So the host may end the loop after this run,
    and the results are the same, bit for bit.

    ```mlir
    func.func @stops(%zero: index, %steps: index, %one: index, %hit: tensor<?xi1>) {
      scf.for %k = %zero to %steps step %one {
        advx.end_loop %hit : tensor<?xi1>
      }
      return
    }
    ```
  }];
  let arguments = (ins Advx_BoolTensor:$done);
  let assemblyFormat = "$done attr-dict `:` type($done)";
  let hasVerifier = 1;
}

#endif // ADVX_DIALECT_IR_HOSTOPS_TD
