#ifndef ADVX_COMPILER_CODEGEN_HOST_PROGRAMTABLE_H
#define ADVX_COMPILER_CODEGEN_HOST_PROGRAMTABLE_H

#include "compiler/codegen/host/ModuleParts.h"
#include "compiler/codegen/host/StepLowering.h"
#include <string>
#include <utility>
#include <vector>

namespace advx::codegen {

/// A step by the name that the manifest gives it.
using NamedStep = std::pair<std::string, mlir::LLVM::LLVMFuncOp>;

/// Defines `advx_program`, the one symbol that the object exports.
void buildProgramTable(mlir::ModuleOp module, ModuleParts &parts, llvm::StringRef manifest,
                       llvm::ArrayRef<NamedStep> steps, const UniformFunction &uniforms);

} // namespace advx::codegen

#endif
