//===- main.cpp - The command line of advx ---------------------------------===//

#include "compiler/driver/Driver.h"
#include "compiler/tools/advx/Complete.h"
#include "compiler/tools/advx/LargeStack.h"
#include "runtime/cli/HelpFormat.h"
#include "runtime/compare/Compare.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <iostream>

using namespace advx;

namespace {

std::string stageNames() {
  std::string text = "Stop at a stage and print it:";
  for (const pipeline::StageInfo &stage : pipeline::stages())
    text += "\n  " + std::string(stage.name) + ": " + std::string(stage.summary);
  return text;
}

std::vector<std::string> namesOfStages() {
  std::vector<std::string> names;
  for (const pipeline::StageInfo &stage : pipeline::stages())
    names.emplace_back(stage.name);
  return names;
}

void addPage(CLI::App &command, driver::PageRequest &request) {
  command.add_option("page", request.page, "The .advx file")->required();
  command.add_option("--experiment", request.experiment, "Which one, where the page has several");
  command.add_flag("--json", request.json, "Findings as JSON on standard output");
}

/// Kernels for a GPU can be shown and go no further; what the page itself says is the same for
/// every target.
bool fitsTarget(driver::BuildRequest &request) {
  using pipeline::Stage;
  bool ofGpu = request.emit == Stage::Gpu || request.emit == Stage::Ptx;
  if (!request.cuda) {
    if (ofGpu)
      std::cerr << "advx: this stage is one of another target\n  help: add --target cuda\n";
    return !ofGpu;
  }
  if (request.level == 0) {
    std::cerr << "advx: -O 0 has no kernels, so none for a GPU\n  help: leave out -O 0\n";
    return false;
  }
  if (request.emit && (ofGpu || *request.emit <= Stage::Partitioned))
    return true;
  std::cerr << "advx: no executable has kernels for a GPU yet\n"
               "  help: --emit=ptx shows them; without --target the page is built for the CPU\n";
  return false;
}

int run(int argc, char **argv) {
  CLI::App app{"advx: experiments in adversarial training, compiled"};
  app.set_version_flag("--version", ADVX_VERSION);
  app.formatter(std::make_shared<HelpFormat>());
  app.footer("first steps:\n"
             "  advx new mine                  a page to start from\n"
             "  advx check mine.advx           every error of it, with the next step\n"
             "  advx build mine.advx -o mine   an executable that trains, attacks and reports\n"
             "  ./mine train --data DIR --out RUN");
  app.require_subcommand(1);
  tools::Choices choices;
  driver::Installation installation = driver::findInstallation(argv[0]);

  std::string newName;
  CLI::App *newPage = app.add_subcommand("new", "Write a page to start from");
  newPage->add_option("name", newName, "Of the experiment; the page is NAME.advx")->required();

  driver::PageRequest checkRequest;
  CLI::App *check = app.add_subcommand("check", "Check a page without building it");
  addPage(*check, checkRequest);

  driver::BuildRequest buildRequest;
  std::string emit, precision = "f32", level = "2", target = "cpu";
  CLI::App *build = app.add_subcommand("build", "Compile a page to an executable");
  addPage(*build, buildRequest);
  build->add_option("-o,--output", buildRequest.output,
                    "The executable (default: the experiment's name)");
  choices.restrict(
      build->add_option("-O", level,
                        "Optimisation: 0, one runtime call per tensor op; 2, generated kernels"),
      {"0", "2"});
  choices.restrict(build->add_option("--precision", precision, "Float type of the step"),
                   {"f32", "f64"});
  choices.restrict(
      build->add_option("--cpu", buildRequest.cpu,
                        "Processors that kernels need: native, all that this machine has, or a "
                        "level of x86-64"),
      {"native", "x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"});
  choices.restrict(
      build->add_option("--target", target,
                        "What kernels run on: cpu; or cuda, with --emit=gpu or --emit=ptx, which "
                        "shows them"),
      {"cpu", "cuda"});
  choices.offer(build->add_option("--emit", emit, stageNames()), namesOfStages());
  build->add_option("--dump-stages", buildRequest.dumpStages, "Write every stage to this folder");
  build->add_flag("--locations", buildRequest.locations, "Print .advx locations in MLIR");
  build->add_flag("--timing", buildRequest.timing, "Print the time of each stage");

  build->add_flag("--remarks", buildRequest.remarks,
                  "Say what became which kernel, what cut it off, and what stays in loops");
  build->add_flag("--stats", buildRequest.stats,
                  "Print ops, kernels, bytes and FLOPs of each step, and the time of each pass");
  bool verifyNumerics = false;
  CLI::Option *verify = build->add_flag("--verify-numerics", verifyNumerics,
                                        "Build nothing: compare what the page computes after each "
                                        "pass of -O 2 from instantiated to host, in f64 and f32, "
                                        "with the program of the passes that none runs without, "
                                        "which calls no library and has no kernels; every step on "
                                        "drawn state and inputs, all new state and outputs");
  for (const char *name : {"--output", "-O", "--precision", "--cpu", "--emit", "--dump-stages",
                           "--locations", "--timing", "--remarks", "--stats", "--target"})
    verify->excludes(build->get_option(name));

  driver::PageRequest pageRequest;
  CLI::App *explainPage =
      app.add_subcommand("explain-experiment", "Print a page with every default filled in");
  addPage(*explainPage, pageRequest);

  std::string code;
  CLI::App *explain = app.add_subcommand("explain", "Explain a diagnostic, such as ADVX0201");
  choices.offer(explain->add_option("code", code, "Its code; without one, all codes are listed"),
                driver::diagnosticCodes());

  runtime::CompareOptions comparison;
  CLI::App *compare =
      app.add_subcommand("compare", "Print what differs between runs, and their accuracies");
  compare->add_option("runs", comparison.runs, "Folders that `train --out` wrote")->required();
  compare->add_flag("--json", comparison.json, "As JSON");

  // `advx complete -- WORD…` is for shells; the words are of no command line yet.
  if (argc > 2 && argv[1] == std::string_view("complete") && argv[2] == std::string_view("--")) {
    for (const std::string &offer : tools::complete(app, choices, {argv + 3, argv + argc}))
      std::cout << offer << "\n";
    return driver::success;
  }

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? driver::success : driver::usage;
  }

  if (*newPage)
    return driver::newExperiment(newName);
  if (*check)
    return driver::check(checkRequest, installation);
  if (*explainPage)
    return driver::explainExperiment(pageRequest, installation);
  if (*explain)
    return driver::explainCode(code);
  if (*compare)
    return static_cast<int>(runtime::compareRuns(comparison));
  if (verifyNumerics)
    return driver::verifyNumerics(buildRequest, installation);
  buildRequest.f64 = precision == "f64";
  buildRequest.level = std::stoi(level);
  if (!emit.empty()) {
    buildRequest.emit = pipeline::findStage(emit);
    if (!buildRequest.emit) {
      std::cerr << "advx: no stage '" << emit
                << "'\n  help: `advx build --help` lists the stages\n";
      return driver::usage;
    }
  }
  buildRequest.cuda = target == "cuda";
  if (!fitsTarget(buildRequest))
    return driver::usage;
  return driver::build(buildRequest, installation);
}

} // namespace

int main(int argc, char **argv) {
  driver::prepareProcess();
  int code = driver::internalError;
  advx::onLargeStack([&] {
    try {
      code = driver::finishOutput(run(argc, argv));
    } catch (const std::exception &error) {
      std::fprintf(stderr, "advx: internal error: %s\n", error.what());
    }
  });
  return code;
}
