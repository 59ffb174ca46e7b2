//===- advx-translate.cpp - The host stage as LLVM IR or an object file -----===//
//
//   advx-opt --advx-partitioned-to-host step.mlir | advx-translate --emit=obj -o step.o
//
//===------------------------------------------------------------------------===//

#include "compiler/codegen/host/Host.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"

namespace {

enum class Emit { llvm, object };

namespace cl = llvm::cl;
cl::opt<std::string> input(cl::Positional, cl::desc("<host stage>"), cl::init("-"));
cl::opt<std::string> output("o", cl::desc("output file"), cl::init("-"));
cl::opt<Emit> emit("emit", cl::desc("what to write"), cl::init(Emit::llvm),
                   cl::values(clEnumValN(Emit::llvm, "llvm", "LLVM IR as text"),
                              clEnumValN(Emit::object, "obj", "an object file")));

int fail(const llvm::Twine &message) {
  llvm::errs() << "advx-translate: " << message << "\n";
  return 1;
}

} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM initialise(argc, argv);
  cl::ParseCommandLineOptions(argc, argv, "advx: the host stage to LLVM IR or an object\n");

  std::string message;
  auto file = mlir::openInputFile(input, &message);
  if (!file)
    return fail(message);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(file), llvm::SMLoc());
  mlir::DialectRegistry registry;
  registry.insert<mlir::LLVM::LLVMDialect>();
  mlir::MLIRContext context(registry);
  mlir::SourceMgrDiagnosticHandler diagnostics(sources, &context);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(sources, &context);
  if (!module)
    return 1;

  if (emit == Emit::object) {
    if (output == "-")
      return fail("an object file needs -o");
    std::optional<advx::link::LinkError> linkError;
    bool failed = mlir::failed(advx::codegen::emitObject(*module, output, linkError));
    return linkError ? fail(linkError->reason) : failed;
  }
  mlir::FailureOr<std::string> text = advx::codegen::printLLVM(*module);
  if (mlir::failed(text))
    return 1;
  auto stream = mlir::openOutputFile(output, &message);
  if (!stream)
    return fail(message);
  stream->os() << *text;
  stream->keep();
  return 0;
}
