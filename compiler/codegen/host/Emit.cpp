#include "compiler/codegen/host/Host.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;

namespace advx::codegen {
namespace {

std::unique_ptr<llvm::TargetMachine> makeTarget(ModuleOp module) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  std::string triple = llvm::sys::getDefaultTargetTriple();
  std::string error;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target) {
    module.emitError("no code generator for ") << triple << ": " << error;
    return nullptr;
  }
  // The program only calls the runtime, so the baseline processor and the lowest level
  // lose nothing. A step is one long straight line, on which the allocators of higher
  // levels take more than linear time: 23 s instead of 1 s for a WRN-34-10 (--timing).
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(triple, /*CPU=*/"", /*Features=*/"", llvm::TargetOptions(),
                                  llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::None));
}

std::unique_ptr<llvm::Module> translate(ModuleOp module, llvm::LLVMContext &context,
                                        const llvm::TargetMachine &target) {
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  module.getContext()->appendDialectRegistry(registry);
  std::unique_ptr<llvm::Module> result = translateModuleToLLVMIR(module, context, "advx");
  if (!result) {
    module.emitError("internal: the host program has no LLVM IR");
    return nullptr;
  }
  result->setTargetTriple(target.getTargetTriple().str());
  result->setDataLayout(target.createDataLayout());
  return result;
}

} // namespace

FailureOr<std::string> printLLVM(ModuleOp module) {
  std::unique_ptr<llvm::TargetMachine> target = makeTarget(module);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> program = target ? translate(module, context, *target) : nullptr;
  if (!program)
    return failure();
  std::string text;
  llvm::raw_string_ostream stream(text);
  program->print(stream, nullptr);
  return text;
}

LogicalResult emitObject(ModuleOp module, llvm::StringRef path) {
  std::unique_ptr<llvm::TargetMachine> target = makeTarget(module);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> program = target ? translate(module, context, *target) : nullptr;
  if (!program)
    return failure();

  llvm::SmallString<128> temporary;
  int descriptor = -1;
  std::error_code error =
      llvm::sys::fs::createUniqueFile(path + ".%%%%%%.tmp", descriptor, temporary);
  if (error)
    return module.emitError("cannot write ") << path << ": " << error.message();
  llvm::FileRemover removeTemporary(temporary);
  auto fail = [&](const llvm::Twine &reason) {
    return module.emitError("cannot write ") << path << ": " << reason;
  };
  {
    llvm::raw_fd_ostream stream(descriptor, /*shouldClose=*/true);
    llvm::legacy::PassManager passes;
    if (target->addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile))
      return fail("the code generator writes no object files");
    passes.run(*program);
    // Closing tells of a full disk too, and the destructor would end the process over it.
    stream.close();
    if (stream.has_error()) {
      std::string reason = stream.error().message();
      stream.clear_error();
      return fail(reason);
    }
  }
  if (std::error_code renamed = llvm::sys::fs::rename(temporary, path))
    return fail(renamed.message());
  removeTemporary.releaseFile();
  return success();
}

} // namespace advx::codegen
