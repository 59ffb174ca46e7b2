#ifndef ADVX_COMPILER_CODEGEN_CPU_KERNELMODULE_H
#define ADVX_COMPILER_CODEGEN_CPU_KERNELMODULE_H

#include "llvm/ADT/StringSet.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>

/// The LLVM half of CPU kernels: a module of their own, since the host program is compiled for
/// any processor and without optimisation, and kernels for one and with.
namespace advx::codegen {

/// Moves the functions `kernels` of a program, with what they need, to a module of their own, in
/// which they keep their names and are visible to the program alone.
std::unique_ptr<llvm::Module> splitKernels(llvm::Module &program, const llvm::StringSet<> &kernels);

/// Optimises kernels for the machine. Loops are vectors already and stay the loops they are.
void optimiseKernels(llvm::Module &kernels, llvm::TargetMachine &machine);

} // namespace advx::codegen

#endif
