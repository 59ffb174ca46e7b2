//===- Passes.td - Passes from the clean tensor tier to LLVM ----------------===//

#ifndef ADVX_COMPILER_CODEGEN_PASSES_TD
#define ADVX_COMPILER_CODEGEN_PASSES_TD

include "mlir/Pass/PassBase.td"

def Plan : Pass<"advx-plan", "::mlir::ModuleOp"> {
  let summary = "Give every tensor of a step its offset in the two arenas";
  let description = [{
    The functions stay what they are (compiler/codegen/host/README.md has their form).
    The pass adds the offset of every argument, result and op, and `advx.copy` where two
    values that a loop carries or two state leaves change places; an op works in place
    where nobody reads its operand any more. Leaves of `advx.program` get their offsets,
    steps the lengths of their arenas, and `advx.apart` where an example's results depend
    on no other example.
    Errors are internal ones, at the op: the lowering must not make such a module.

    Example: test/codegen/plan.mlir
  }];
  let dependentDialects = ["::mlir::advx::AdvxDialect"];
}

def Kernels : Pass<"advx-kernels", "::mlir::ModuleOp"> {
  let summary = "Write the CPU kernel of each cluster";
  let description = [{
    For each cluster a function beside the steps, an `AdvxKernelFunction`
    (runtime/abi/advx_abi.h) of scf, arith and vectors; clusters that compute the same
    share one. The clusters stay where they are and name it.

    Example: test/codegen/cpu/elementwise.mlir
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def ShareLoops : Pass<"advx-share-loops", "::mlir::ModuleOp"> {
  let summary = "Give loops that long kernels repeat one function";
  let description = [{
    A kernel of a deep stack of small layers is a list of loops, most of which are the same on
    other buffers, and compiling them is what building its page takes. Loops that compute the
    same and carry nothing out of them become calls of one function, which is compiled once;
    outer loops first. Kernels of few loops stay as they are.

    Example: test/codegen/cpu/share-loops.mlir
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let options = [
    // LLVM takes its time for a loop, however small (bench/compile_time.py, linear blocks). More of
    // them do not share registers, so a call costs nothing but itself.
    Option<"mostLoops", "most-loops", "unsigned", "32",
           "Loops of a kernel that is compiled as it stands">
  ];
}

def HostLower : Pass<"advx-host-lower", "::mlir::ModuleOp"> {
  let summary = "Write planned steps as functions over two arenas, and the program table";
  let description = [{
    Each step becomes an `AdvxStepFunction`: a tensor is an address, a tensor op or
    cluster one call of the runtime, and loops carry numbers only. Loops and arithmetic
    are left to MLIR's own conversions. `advx_program` is the table of all, with
    `advx.program` and what the steps say as JSON (runtime/abi/manifest.md).

    Example: test/codegen/host-calls.mlir
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
}

def VerifyHost : Pass<"advx-verify-host", "::mlir::ModuleOp"> {
  let summary = "Refuse anything but the LLVM dialect";
  let description = [{
    The error stands at the op that is left.

    Example: test/codegen/host-invalid.mlir
  }];
}

def GpuKernels : Pass<"advx-gpu-kernels", "::mlir::ModuleOp"> {
  let summary = "Write the GPU kernel of each cluster";
  let description = [{
    For each cluster one or two `gpu.func` in `gpu.module @kernels`; clusters that
    compute the same share them. The clusters stay where they are and name their kernel.

    Example: test/codegen/gpu/elementwise.mlir
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect",
                           "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
                           "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def ConvertToNvvm : Pass<"advx-convert-to-nvvm", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Lower gpu, arith and cf to LLVM and NVVM";
  let description = [{
    What MLIR's `convert-gpu-to-nvvm` does, but for functions of mathematics: that would
    make calls of NVIDIA's library even of those that are an instruction.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect"];
}

def VerifyNvvm : Pass<"advx-verify-nvvm", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Refuse anything but the LLVM and NVVM dialects";
  let description = [{
    The error stands at the op that is left.

    Example: test/codegen/gpu/errors.mlir
  }];
}

#endif // ADVX_COMPILER_CODEGEN_PASSES_TD
