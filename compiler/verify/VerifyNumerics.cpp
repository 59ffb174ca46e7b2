//===- VerifyNumerics.cpp - The same numbers after every pass --------------===//

#include "compiler/verify/VerifyNumerics.h"
#include "compiler/codegen/host/Host.h"
#include "compiler/link/ChildProcess.h"
#include "compiler/link/TemporaryFile.h"
#include "compiler/verify/ProbeFile.h"
#include "compiler/verify/Snapshots.h"
#include "dialect/IR/ElementTypes.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"

#include <cstring>
#include <map>
#include <utility>
#include <vector>

using namespace mlir;

namespace advx::verify {

using pipeline::Stage;

namespace {

/// Temporary files with one unique prefix, which is the first of them.
class ScratchFiles {
public:
  ScratchFiles() {
    llvm::SmallString<128> path;
    llvm::sys::path::system_temp_directory(/*erasedOnReboot=*/true, path);
    llvm::sys::path::append(path, "advx-verify-");
    error = prefix.create(path, "");
  }

  std::string file(llvm::StringRef name) {
    std::string path = prefix.path() + "-" + name.str();
    files.try_emplace(path, path);
    return path;
  }

  std::error_code error;

private:
  link::TemporaryFile prefix;
  std::map<std::string, link::TemporaryFile> files;
};

/// What came of one program.
struct Run {
  enum Status {
    done,
    refused, ///< A pass or the code generator does not take it; it has said why.
    failed,  ///< `reason` says what the program said.
    noMachine
  };
  Status status = done;
  std::string reason;
  std::optional<link::LinkError> environment; ///< Set for noMachine.
  ProbeFile values;
};

/// What an executable says is wrong, with its hint, on one line.
std::string complaint(llvm::StringRef said) {
  if (size_t error = said.find("error: "); error != llvm::StringRef::npos)
    said = said.substr(error).drop_front(std::strlen("error: "));
  std::string line;
  for (llvm::StringRef part : llvm::split(said.trim(), '\n')) {
    part = part.trim();
    part.consume_front("hint: ");
    line += (line.empty() ? "" : "; ") + part.str();
  }
  return line;
}

/// Makes executables of modules and runs them.
class Runner {
public:
  explicit Runner(std::string runtime) : runtime(std::move(runtime)) {}

  /// Makes an executable of a module at the stage `host`.
  Run make(ModuleOp module, llvm::StringRef name) {
    if (scratch.error)
      return machine("cannot make a temporary file: " + scratch.error.message());
    std::string object = scratch.file("program.o"), executable = scratch.file(name);
    if (std::optional<link::LinkError> error = write(module, object))
      return {Run::noMachine, "", std::move(error), {}};
    if (std::optional<link::LinkError> error = link::linkExecutable({object, executable, runtime}))
      return {Run::noMachine, "", std::move(error), {}};
    return {};
  }

  /// Runs an executable that was made.
  Run probe(llvm::StringRef name, int seed) {
    std::string executable = scratch.file(name), number = std::to_string(seed);
    std::string values = scratch.file("values");
    link::Outcome outcome =
        link::runProgram(executable, {"probe", "--seed", number, "--out", values});
    if (!outcome.succeeded)
      return {Run::failed, complaint(outcome.said), std::nullopt, {}};
    llvm::Expected<ProbeFile> file = readProbeFile(values);
    if (!file)
      return {Run::failed, llvm::toString(file.takeError()), std::nullopt, {}};
    return {Run::done, "", std::nullopt, std::move(*file)};
  }

private:
  static link::LinkError noRoom(const std::string &reason) {
    return {link::LinkError::cannotWrite, reason, "",
            "make room for temporary files; TMPDIR names another folder"};
  }

  static Run machine(const std::string &reason) { return {Run::noMachine, "", noRoom(reason), {}}; }

  /// Nothing, or why the object cannot be written.
  static std::optional<link::LinkError> write(ModuleOp module, const std::string &object) {
    std::string reason;
    ScopedDiagnosticHandler files(module.getContext(), [&](Diagnostic &diagnostic) {
      reason = diagnostic.str();
      return mlir::success();
    });
    std::optional<link::LinkError> linkError;
    if (mlir::succeeded(codegen::emitObject(module, object, linkError)))
      return std::nullopt;
    return linkError ? linkError : noRoom(reason);
  }

  std::string runtime;
  ScratchFiles scratch;
};

/// Compares programs with the first one, and prints a line for each.
class Comparison {
public:
  Comparison(const Request &request, llvm::raw_ostream &out)
      : request(request), out(out), runner(request.runtime) {}

  /// Takes a program, at the stage `host`, as the one that others are compared with; false where
  /// it cannot be.
  bool begin(const std::string &name, ModuleOp program) {
    Run run = runner.make(program, "reference");
    if (run.status == Run::done)
      run = runner.probe("reference", 1);
    if (run.status != Run::done)
      return stop(name, run);
    print(name) << run.values.size() << " tensors\n";
    references.push_back(std::move(run.values));
    return true;
  }

  /// Compares a program at the stage `host`, or one that could not be brought there (null); false
  /// where no other can be compared.
  bool compare(const std::string &name, ModuleOp program) {
    Run run = program ? runner.make(program, "program") : Run{Run::refused, "", std::nullopt, {}};
    if (run.status == Run::noMachine)
      return stop(name, run);
    llvm::raw_ostream &line = print(name);
    bool differs = true;
    if (run.status == Run::refused) {
      line << "cannot be compiled";
    } else if (std::optional<Difference> difference = smallestDifference(run)) {
      differs = !(difference->largest <= request.tolerance);
      line << llvm::format("%-8.2g", difference->largest) << difference->where;
    } else {
      line << "cannot be run: " << run.reason;
    }
    line << (differs ? "  DIFFERS\n" : "\n");
    if (differs && result.kind == Result::agrees)
      result = {Result::differs, name, "", std::nullopt};
    return true;
  }

  /// Names a pass that every program goes through, so that it cannot be told from the others.
  void mention(const std::string &name) { print(name) << "in every program\n"; }

  bool hasReference() const { return !references.empty(); }

  Result result;

private:
  llvm::raw_ostream &print(const std::string &name) {
    return out << "  " << llvm::left_justify(name, 30) << " ";
  }

  bool stop(const std::string &name, Run &run) {
    Result::Kind kind = run.status == Run::noMachine ? Result::machineFails
                        : run.status == Run::refused ? Result::passFails
                                                     : Result::cannotProbe;
    result = {kind, name, run.reason, std::move(run.environment)};
    return false;
  }

  /// Of the seeds up to the first that is within the tolerance; nothing if a run fails, and `run`
  /// says how.
  std::optional<Difference> smallestDifference(Run &run) {
    Difference smallest;
    for (int seed = 1; seed <= request.seeds; ++seed) {
      if (references.size() < static_cast<size_t>(seed))
        references.push_back(std::move(runner.probe("reference", seed).values));
      run = runner.probe("program", seed);
      if (run.status != Run::done)
        return std::nullopt;
      Difference difference = compareProbes(references[seed - 1], run.values, request.strayed);
      if (seed == 1 || difference.largest < smallest.largest)
        smallest = difference;
      if (smallest.largest <= request.tolerance)
        break;
    }
    return smallest;
  }

  const Request &request;
  llvm::raw_ostream &out;
  Runner runner;
  std::vector<ProbeFile> references; ///< Of seeds 1, 2, …
};

} // namespace

Request requestFor(ModuleOp module, std::string runtime) {
  // An attack follows the sign of a gradient. An entry that is zero but for rounding has an
  // arbitrary sign, so the attack may go the other way there, and the next gradients are a little
  // different; so are those of a rectifier whose argument is zero but for rounding. In f64 no entry
  // is that close to zero by chance, and 1e-9 leaves room for nothing but another order of
  // summation. In f32 a few of the many thousand entries are. Mostly what follows from them is
  // within 1e-3, but for the points that attacks find; and where it is not, it is with another
  // seed, while a fault shows with every one.
  Type narrowest = mlir::advx::narrowestFloat(module);
  if (!narrowest || narrowest.isF64())
    return {std::move(runtime), 1e-9, 0, 1};
  return {std::move(runtime), 1e-3, 0.01, 4};
}

Result verifyNumerics(ModuleOp module, const Request &request, llvm::raw_ostream &out) {
  pipeline::Options options;
  options.aten = llvm::is_contained(link::optionalProviders(request.runtime), "aten");
  Road road(request.addPasses, options);
  Comparison comparison(request, out);
  bool hasKernels = false;
  LogicalResult walked = road.walk(module, [&](const Snapshot &snapshot) {
    // The first program with kernels is one of its own; other passes that every program needs
    // give the program before them again.
    bool isFirst = !comparison.hasReference();
    bool makesKernels = snapshot.stage == Stage::Kernels && !hasKernels;
    hasKernels |= makesKernels;
    if (snapshot.isRequired && !isFirst && !makesKernels)
      return comparison.mention(snapshot.name), true;
    OwningOpRef<ModuleOp> program = ModuleOp(*snapshot.module).clone();
    bool isMade = succeeded(road.complete(*program, snapshot));
    if (!isFirst)
      return comparison.compare(snapshot.name, isMade ? *program : ModuleOp());
    if (isMade)
      return comparison.begin(snapshot.name, *program);
    comparison.result = {Result::passFails, snapshot.name, "", std::nullopt};
    return false;
  });
  bool isStopped =
      comparison.result.kind != Result::agrees && comparison.result.kind != Result::differs;
  if (failed(walked))
    return {Result::passFails, std::string(pipeline::info(road.reached).name), "", std::nullopt};
  if (!isStopped)
    comparison.compare("-O 2", module); // the executable itself, by all passes
  return comparison.result;
}

} // namespace advx::verify
