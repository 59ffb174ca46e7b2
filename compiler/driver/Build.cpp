//===- Build.cpp - The compile path ----------------------------------------===//
//
// `build` is the compiler's table of contents: its calls are the stages of the
// road, in order.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/gpu/GpuKernels.h"
#include "compiler/codegen/host/Host.h"
#include "compiler/driver/Output.h"
#include "compiler/driver/PassReports.h"
#include "compiler/driver/Session.h"
#include "compiler/link/Link.h"
#include "compiler/link/TemporaryFile.h"
#include "compiler/lower/Lower.h"
#include "compiler/pipeline/Pipeline.h"
#include "compiler/pipeline/Statistics.h"
#include "compiler/syntax/Parser.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <filesystem>

using namespace mlir;

namespace advx::driver {

using pipeline::Stage;

namespace {

/// Shows the stages that the user asked for, and times them.
class Stages {
public:
  Stages(const BuildRequest &request, Session &session) : request(request), session(session) {}

  /// Called when a stage is reached; `text` is only made if somebody wants it.
  /// True where the road ends here.
  bool reached(Stage stage, llvm::function_ref<std::string()> text) {
    const pipeline::StageInfo &info = pipeline::info(stage);
    auto now = std::chrono::steady_clock::now();
    if (request.timing)
      llvm::errs() << llvm::format("%8.1f ms  ",
                                   std::chrono::duration<double, std::milli>(now - last).count())
                   << llvm::StringRef(info.name) << "\n";
    if (!request.dumpStages.empty())
      dump(info, text());
    bool ends = request.emit == stage;
    if (ends && stage != Stage::Object)
      llvm::outs() << text();
    last = std::chrono::steady_clock::now();
    return ends || cannotWrite;
  }

private:
  void dump(const pipeline::StageInfo &info, const std::string &text) {
    llvm::SmallString<128> path(request.dumpStages);
    std::error_code error = llvm::sys::fs::create_directories(path);
    std::string number = std::to_string(static_cast<int>(info.stage) + 1);
    llvm::sys::path::append(path, std::string(2 - std::min<size_t>(2, number.size()), '0') +
                                      number + "-" + std::string(info.name) + "." +
                                      std::string(info.ending));
    if (!error && !checkOutput(path.str().str(), "--dump-stages", session)) {
      cannotWrite = true;
      return;
    }
    if (!error) {
      llvm::raw_fd_ostream out(path, error);
      if (!error) {
        out << text;
        // Closing tells of a full disk, and the destructor would end the process over it.
        out.close();
        error = out.error();
        out.clear_error();
      }
    }
    if (error) {
      session
          .environmentError(diag::Code::CannotWrite,
                            "cannot write `" + path.str().str() + "`: " + error.message())
          .help("name another folder with --dump-stages");
      cannotWrite = true;
    }
  }

  const BuildRequest &request;
  Session &session;
  std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();
  bool cannotWrite = false;
};

std::string print(ModuleOp module, bool locations) {
  std::string text;
  llvm::raw_string_ostream out(text);
  OpPrintingFlags flags;
  if (locations)
    flags.enableDebugInfo(/*enable=*/true, /*prettyForm=*/true);
  module.print(out, flags);
  out << "\n";
  return text;
}

/// What can still fail is the file: a full disk, a folder that has gone.
LogicalResult writeObject(ModuleOp module, const std::string &path, llvm::StringRef cpu,
                          Session &session) {
  ScopedDiagnosticHandler files(module.getContext(), [&](Diagnostic &diagnostic) {
    session.environmentError(diag::Code::CannotWrite, diagnostic.str())
        .help("make room there, or name another file with -o");
    return mlir::success();
  });
  std::optional<link::LinkError> linkError;
  LogicalResult written = codegen::emitObject(module, path, linkError, cpu);
  if (linkError)
    session.linkFailure(*linkError);
  return written;
}

void linkExecutable(const std::string &object, const std::string &executable, Session &session) {
  std::optional<link::LinkError> error =
      link::linkExecutable({object, executable, session.installation.runtime});
  if (error)
    session.linkFailure(*error);
}

pipeline::Options optionsFor(const BuildRequest &request, const Session &session) {
  std::vector<std::string> providers = link::optionalProviders(session.installation.runtime);
  return {request.level, request.remarks, llvm::is_contained(providers, "aten")};
}

/// Runs the passes up to a stage. Whoever asks verifies once, after them: on large networks that
/// takes longer than most passes do, and the tests verify after each pass.
LogicalResult runPasses(Stage stage, ModuleOp module, const BuildRequest &request,
                        pipeline::PassTimes &times, const Session &session) {
  PassManager passes(module.getContext());
  passes.enableVerifier(false);
  if (request.stats)
    passes.addInstrumentation(times.instrument());
  pipeline::addPassesTo(stage, passes, optionsFor(request, session));
  return passes.size() ? passes.run(module) : mlir::success();
}

/// The branch of the road for a GPU: from partitioned to the text of its kernels.
void compileForGpu(ModuleOp module, const BuildRequest &request, Stages &stages,
                   pipeline::PassTimes &times, Session &session) {
  {
    // There is not a GPU kernel for everything that a page may say; that is no fault of the
    // compiler.
    bool refused = false;
    ScopedDiagnosticHandler refusals(module.getContext(), [&](Diagnostic &diagnostic) {
      std::string reason = diagnostic.str();
      if (diagnostic.getSeverity() != DiagnosticSeverity::Error ||
          llvm::StringRef(reason).starts_with("internal"))
        return mlir::failure(); // for the handler around this one
      refused = true;
      session.engine
          .report(diag::Code::NotSupportedYet, Span(), placeOf(diagnostic.getLocation()) + reason)
          .help("build the page without --target cuda");
      return mlir::success();
    });
    if (failed(runPasses(Stage::Gpu, module, request, times, session)))
      return refused ? void() : session.internalFailure();
  }
  if (failed(mlir::verify(module)))
    return session.internalFailure();
  auto text = [&] {
    std::string printed;
    llvm::raw_string_ostream(printed) << codegen::gpuModuleOf(module) << "\n";
    return printed;
  };
  if (stages.reached(Stage::Gpu, text))
    return;
  FailureOr<std::string> ptx = codegen::printPtx(module);
  if (failed(ptx))
    return session.internalFailure();
  stages.reached(Stage::Ptx, [&] { return *ptx; });
}

/// From the page to the executable; the session knows what stops it.
void compile(const BuildRequest &request, Session &session) {
  Stages stages(request, session);

  // Text to checked experiment.
  if (!session.load())
    return;
  auto ast = [&] {
    diag::Engine again(session.sources);
    return syntax::dump(syntax::parse(session.sources, session.file, again), session.sources);
  };
  if (stages.reached(Stage::Ast, ast))
    return;
  std::unique_ptr<sema::Experiment> experiment =
      sema::check(*session.program, request.experiment, session.engine);
  if (session.engine.hasErrors() || !experiment)
    return;
  if (stages.reached(Stage::Checked, [&] { return sema::dump(*experiment); }))
    return;

  // Known before minutes are spent: whether the result has a place.
  std::filesystem::path folder = std::filesystem::path(experiment->path).parent_path();
  for (const sema::ModelSource &source : experiment->sources)
    session.named.push_back((folder / source.file).string());
  std::string output = plainPath(request.output.empty() ? experiment->name : request.output);
  bool writes = !request.emit || request.emit == Stage::Object;
  if (writes && !checkOutput(output, "-o", session))
    return;

  // The min-max problem as ops.
  MLIRContext context(MLIRContext::Threading::DISABLED);
  lower::loadDialects(context);
  ScopedDiagnosticHandler handler(&context, reportPasses);
  lower::Options options;
  options.f64 = request.f64;
  options.level = request.level;
  if (request.level > 0)
    options.cpu = codegen::processorLevel(request.cpu);
  OwningOpRef<ModuleOp> module =
      lower::lowerExperiment(*experiment, session.sources, context, options);
  auto text = [&] { return print(*module, request.locations); };
  if (stages.reached(Stage::Problem, text))
    return;

  // What the passes took is told when the road ends, wherever it ends.
  pipeline::PassTimes times;
  auto printTimes = llvm::make_scope_exit([&] {
    if (request.stats)
      times.print(llvm::errs());
  });

  // Batched functions, their derivatives, their memory, their host program.
  for (Stage stage : {Stage::Instantiated, Stage::Decomposed, Stage::Differentiated,
                      Stage::Partitioned, Stage::Planned, Stage::Kernels, Stage::Host}) {
    if (failed(runPasses(stage, *module, request, times, session)) || failed(mlir::verify(*module)))
      return session.internalFailure();
    if (request.stats && stage == Stage::Partitioned)
      pipeline::printStepStatistics(*module, llvm::errs());
    if (stages.reached(stage, text))
      return;
    if (request.cuda && stage == Stage::Partitioned)
      return compileForGpu(*module, request, stages, times, session);
  }

  // The object, and the executable around it.
  auto llvmText = [&] {
    FailureOr<std::string> ir = codegen::printLLVM(*module);
    if (failed(ir))
      session.internalFailure();
    return failed(ir) ? std::string() : *ir;
  };
  if (stages.reached(Stage::Llvm, llvmText))
    return;
  link::TemporaryFile between;
  if (request.emit != Stage::Object)
    if (std::error_code error = between.create(output + ".", ".o"))
      return session.linkFailure({link::LinkError::cannotWrite,
                                  "cannot write beside `" + output + "`: " + error.message(), "",
                                  "make room there, or choose another place with -o"});
  std::string object = request.emit == Stage::Object ? output : between.path();
  if (failed(writeObject(*module, object, options.cpu, session)))
    return;
  auto objectBytes = [&] {
    auto buffer = llvm::MemoryBuffer::getFile(object);
    return buffer ? (*buffer)->getBuffer().str() : std::string();
  };
  if (stages.reached(Stage::Object, objectBytes))
    return;
  linkExecutable(object, output, session);
}

} // namespace

int build(const BuildRequest &request, const Installation &installation) {
  Session session(request, installation);
  compile(request, session);
  return session.finish();
}

} // namespace advx::driver
