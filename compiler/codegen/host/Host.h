#ifndef ADVX_COMPILER_CODEGEN_HOST_HOST_H
#define ADVX_COMPILER_CODEGEN_HOST_HOST_H

#include "compiler/link/Link.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/LogicalResult.h"
#include <optional>
#include <string>

/// From the clean tensor tier to an object file. README.md beside this file has the form of
/// the input. The stages in order, with the names of `--emit`:
///   planned  addPlanPasses
///   kernels  addKernelPasses
///   host     addHostPasses
///   llvm     printLLVM
///   obj      emitObject
namespace advx::codegen {

/// tensor tier -> planned: offsets on every op, the manifest complete.
void addPlanPasses(mlir::OpPassManager &passes);

/// planned -> kernels: a function beside the steps for each different cluster.
void addKernelPasses(mlir::OpPassManager &passes);

/// kernels -> LLVM dialect, with the table `advx_program`.
void addHostPasses(mlir::OpPassManager &passes);

/// LLVM dialect -> LLVM IR as text. Errors are emitted at the module.
mlir::FailureOr<std::string> printLLVM(mlir::ModuleOp module);

/// The level of x86-64 that kernels are compiled for: "native" means the highest that this
/// machine has, and other names ("x86-64-v3") themselves. The runtime knows these names and
/// refuses to start a program on a processor below its level.
std::string processorLevel(llvm::StringRef name);

/// LLVM dialect -> position-independent ELF object, written to a temporary name beside `path`
/// and renamed: the host program for baseline x86-64, and kernels for `cpu` as `processorLevel`
/// takes it. Errors, such as an unwritable directory, are emitted at the module, but for those
/// of the machine's linker, which joins the two halves: they are put into `linkError`. Nothing
/// is left behind.
mlir::LogicalResult emitObject(mlir::ModuleOp module, llvm::StringRef path,
                               std::optional<link::LinkError> &linkError,
                               llvm::StringRef cpu = "native");

} // namespace advx::codegen

#endif
