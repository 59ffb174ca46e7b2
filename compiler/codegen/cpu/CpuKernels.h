#ifndef ADVX_COMPILER_CODEGEN_CPU_CPUKERNELS_H
#define ADVX_COMPILER_CODEGEN_CPU_CPUKERNELS_H

#include "mlir/Pass/Pass.h"
#include <memory>

namespace advx::codegen {

/// `advx-kernels`: for each cluster of a module a function beside the steps, an
/// AdvxKernelFunction (runtime/abi/advx_abi.h) of scf, arith and vectors; equal clusters share
/// one. The clusters stay where they are and name it.
std::unique_ptr<mlir::Pass> createKernelsPass();

/// Makes `advx-kernels` known to tools that read pass pipelines.
void registerKernelsPass();

} // namespace advx::codegen

#endif
