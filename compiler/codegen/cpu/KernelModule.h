#ifndef ADVX_COMPILER_CODEGEN_CPU_KERNELMODULE_H
#define ADVX_COMPILER_CODEGEN_CPU_KERNELMODULE_H

#include "llvm/ADT/StringSet.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>
#include <string>

/// The LLVM half of CPU kernels: a module of their own, since the host program is compiled for
/// any processor and without optimisation, and kernels for one and with.
namespace advx::codegen {

/// A processor and what it can do, as LLVM names them.
struct Processor {
  std::string name;     ///< such as "sapphirerapids" or "x86-64-v3"
  std::string features; ///< such as "+avx2,+fma"; empty: those of the name
};

/// "native", this machine, or a name such as "x86-64-v3".
llvm::Expected<Processor> findProcessor(llvm::StringRef name);

/// Moves the functions `kernels` of a program, with what they need, to a module of their own, in
/// which they keep their names and are visible to the program alone.
std::unique_ptr<llvm::Module> splitKernels(llvm::Module &program, const llvm::StringSet<> &kernels);

/// Optimises kernels for the machine. Loops are vectors already and stay the loops they are.
void optimiseKernels(llvm::Module &kernels, llvm::TargetMachine &machine);

} // namespace advx::codegen

#endif
