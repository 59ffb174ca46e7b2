#include "compiler/codegen/host/Host.h"

#include "compiler/codegen/cpu/KernelModule.h"
#include "compiler/codegen/host/AbiTypes.h"
#include "compiler/codegen/kernels/Kernels.h"
#include "compiler/link/Link.h"
#include "compiler/link/TemporaryFile.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;

namespace advx::codegen {
namespace {

/// A code generator for a processor, as LLVM names it, at a level.
std::unique_ptr<llvm::TargetMachine> makeTarget(ModuleOp module, llvm::StringRef processor,
                                                llvm::CodeGenOptLevel level) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  std::string triple = llvm::sys::getDefaultTargetTriple();
  std::string error;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target) {
    module.emitError("no code generator for ") << triple << ": " << error;
    return nullptr;
  }
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(triple, processor, /*Features=*/"", llvm::TargetOptions(),
                                  llvm::Reloc::PIC_, std::nullopt, level));
}

// The program only calls the runtime, so the baseline processor and the lowest level
// lose nothing. A step is one long straight line, on which the allocators of higher
// levels take more than linear time: 23 s instead of 1 s for a WRN-34-10 (--timing).
std::unique_ptr<llvm::TargetMachine> makeHostTarget(ModuleOp module) {
  return makeTarget(module, "x86-64", llvm::CodeGenOptLevel::None);
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
  if (std::string wrong = wrongAbiLayout(result->getDataLayout(), module.getContext());
      !wrong.empty()) {
    module.emitError("internal: for this machine ") << wrong;
    return nullptr;
  }
  return result;
}

/// The names of the module's kernels.
llvm::StringSet<> kernelsOf(ModuleOp module) {
  llvm::StringSet<> names;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (isKernel(function))
      names.insert(function.getSymName());
  return names;
}

/// Writes the module's object code; returns why it could not, or nothing.
std::string writeObject(llvm::Module &code, llvm::TargetMachine &target,
                        const link::TemporaryFile &file) {
  std::error_code error;
  llvm::raw_fd_ostream stream(file.path(), error);
  if (error)
    return error.message();
  llvm::legacy::PassManager passes;
  if (target.addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile))
    return "the code generator writes no object files";
  passes.run(code);
  // Closing tells of a full disk too, and the destructor would end the process over it.
  stream.close();
  std::string reason = stream.has_error() ? stream.error().message() : "";
  stream.clear_error();
  return reason;
}

} // namespace

std::string processorLevel(llvm::StringRef name) {
  if (name != "native")
    return name.str();
  auto features = llvm::sys::getHostCPUFeatures();
  auto has = [&](std::initializer_list<const char *> wanted) {
    return llvm::all_of(wanted, [&](const char *feature) { return features.lookup(feature); });
  };
  if (!has({"sse4.2", "popcnt"}))
    return "x86-64";
  if (!has({"avx2", "fma", "bmi", "bmi2", "f16c", "lzcnt", "movbe"}))
    return "x86-64-v2";
  if (!has({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}))
    return "x86-64-v3";
  return "x86-64-v4";
}

FailureOr<std::string> printLLVM(ModuleOp module) {
  std::unique_ptr<llvm::TargetMachine> target = makeHostTarget(module);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> program = target ? translate(module, context, *target) : nullptr;
  if (!program)
    return failure();
  std::string text;
  llvm::raw_string_ostream stream(text);
  program->print(stream, nullptr);
  return text;
}

LogicalResult emitObject(ModuleOp module, llvm::StringRef path,
                         std::optional<link::LinkError> &linkError, llvm::StringRef cpu) {
  std::unique_ptr<llvm::TargetMachine> target = makeHostTarget(module);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> program = target ? translate(module, context, *target) : nullptr;
  if (!program)
    return failure();
  auto fail = [&](const llvm::Twine &reason) {
    return module.emitError("cannot write ") << path << ": " << reason;
  };
  link::TemporaryFile object;
  if (std::error_code error = object.create(path + ".", ".tmp"))
    return fail(error.message());

  llvm::StringSet<> names = kernelsOf(module);
  if (names.empty()) {
    if (std::string reason = writeObject(*program, *target, object); !reason.empty())
      return fail(reason);
  } else {
    std::unique_ptr<llvm::TargetMachine> machine =
        makeTarget(module, processorLevel(cpu), llvm::CodeGenOptLevel::Default);
    if (!machine)
      return failure();
    std::unique_ptr<llvm::Module> kernels = splitKernels(*program, names);
    optimiseKernels(*kernels, *machine);
    link::TemporaryFile halves[2];
    for (link::TemporaryFile &half : halves)
      if (std::error_code error = half.create(path + ".", ".tmp"))
        return fail(error.message());
    for (const std::string &reason :
         {writeObject(*program, *target, halves[0]), writeObject(*kernels, *machine, halves[1])})
      if (!reason.empty())
        return fail(reason);
    linkError = link::joinObjects({halves[0].path(), halves[1].path()}, object.path());
    if (linkError)
      return failure();
  }
  if (std::error_code renamed = llvm::sys::fs::rename(object.path(), path))
    return fail(renamed.message());
  object.release();
  return success();
}

} // namespace advx::codegen
