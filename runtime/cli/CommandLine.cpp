//===- CommandLine.cpp - train, sweep, eval, attack, info, init, probe, compare ---===//

#include "runtime/cli/Commands.h"

#include "runtime/cli/HelpFormat.h"
#include "runtime/compare/Compare.h"
#include "runtime/core/Interrupt.h"
#include "runtime/core/Numbers.h"
#include "runtime/core/StandardStreams.h"
#include "runtime/train/Trainer.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <sched.h>

namespace advx::runtime {

namespace {

/// The most epochs, steps or examples that an option takes; the page's limit of epochs too.
constexpr uint64_t mostCounted = 1000000000;

int availableProcessors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}

const std::map<std::string, ProgressStyle> progressNames = {{"auto", ProgressStyle::Auto},
                                                            {"line", ProgressStyle::Line},
                                                            {"plain", ProgressStyle::Plain},
                                                            {"off", ProgressStyle::Off}};

/// The command line of an executable, declared once; help comes from it.
class CommandLine {
public:
  explicit CommandLine(const Program &program)
      : app(program.manifest.doc.empty()
                ? program.manifest.experiment
                : program.manifest.experiment + ": " + program.manifest.doc) {
    app.formatter(std::make_shared<HelpFormat>());
    app.require_subcommand(1);
    app.footer(exitCodeHelp);
    app.set_version_flag("--version", ADVX_VERSION);
    training.threads = sweep.training.threads = evaluation.threads = probe.threads =
        availableProcessors();
    declareTrain();
    declareSweep();
    declareEval();
    declareAttack();
    declareInfo();
    declareInit();
    declareProbe();
    declareCompare();
    refuseEmptyPaths();
  }

  void parse(int argc, char **argv) {
    training.command.assign(argv, argv + argc);
    sweep.training.command = training.command;
    app.parse(argc, argv);
  }

  int explain(const CLI::ParseError &problem) {
    bool isHelp = problem.get_exit_code() == 0;
    app.exit(problem);
    return int(isHelp ? ExitCode::Success : ExitCode::Usage);
  }

  ExitCode dispatch(const Program &program) {
    if (app.got_subcommand("train"))
      return train(program, training);
    if (app.got_subcommand("sweep"))
      return sweepCommand(program, sweep);
    if (app.got_subcommand("eval"))
      return evalCommand(program, evaluation);
    if (app.got_subcommand("attack"))
      return attackCommand(program, evaluation);
    if (app.got_subcommand("info"))
      return infoCommand(program, info);
    if (app.got_subcommand("probe"))
      return probeCommand(program, probe);
    if (app.got_subcommand("compare"))
      return compareRuns(comparison);
    return initCommand(program, initSeed, initOut);
  }

private:
  void refuseEmptyPaths() {
    const CLI::Validator isNamed(
        [](const std::string &path) { return std::string(path.empty() ? "it is empty" : ""); }, "");
    for (CLI::App *command : app.get_subcommands({}))
      for (const char *name : {"--data", "--out", "--init", "--checkpoint"})
        if (CLI::Option *option = command->get_option_no_throw(name))
          option->check(isNamed);
  }

  void addData(CLI::App *command, std::string &target) {
    command
        ->add_option(
            "--data", target,
            "directory with the data set's files or archive, or the archive (or $ADVX_DATA)")
        ->envname("ADVX_DATA")
        ->required();
  }

  /// A count: decimal digits from `low` to `high`. All else is refused, not cut to fit.
  template <typename T>
  CLI::Option *addCount(CLI::App *command, const std::string &name, T &target,
                        const std::string &help, uint64_t low, uint64_t high) {
    auto take = [&target, name, low, high](const std::string &text) {
      std::optional<uint64_t> value = parseCount(text, high);
      if (!value || *value < low)
        throw CLI::ValidationError(name, text + " is not a whole number from " +
                                             std::to_string(low) + " to " + std::to_string(high));
      target = static_cast<T>(*value);
    };
    return command->add_option_function<std::string>(name, take, help)->type_name("INT");
  }

  void addSet(CLI::App *command, std::vector<std::string> &target) {
    command->add_option("--set", target, "path=value: another value for a setting (see info)")
        ->expected(1)
        ->take_all();
  }

  void addThreads(CLI::App *command, int &target) {
    command->add_option("--threads", target, "threads; the results do not depend on it")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
  }

  void addProgress(CLI::App *command, ProgressStyle &target) {
    command->add_option("--progress", target, "auto, line, plain or off")
        ->transform(CLI::CheckedTransformer(progressNames));
  }

  void declareTrain() {
    CLI::App *command = app.add_subcommand("train", "train, and evaluate as the page says");
    addData(command, training.data);
    command->add_option("--out", training.out, "directory of the run")->required();
    addCount(command, "--epochs", training.epochs, "horizon of training and of its schedules", 0,
             mostCounted);
    addCount(command, "--seed", training.seed, "seed of every random draw (0)", 0, UINT64_MAX);
    addCount(command, "--stop-after", training.stopAfter,
             "stop after so many epochs; the horizon stays", 1, mostCounted);
    addCount(command, "--limit", training.limit,
             "only the first so many images of each split, in training and evaluations, to see "
             "whether all works",
             1, mostCounted);
    command->add_flag("--resume", training.resume, "go on with the run in --out");
    command->add_flag("--profile", training.profile,
                      "measure every step, op and kernel: a table, and profile.json in --out");
    command->add_option("--init", training.init, "safetensors file with the initial weights");
    command
        ->add_option("--checkpoint-seconds", training.checkpointSeconds,
                     "write checkpoints/last this often, beside every epoch's end")
        ->check(CLI::Range(0.0, 1e9))
        ->capture_default_str();
    addCount(command, "--checkpoint-steps", training.checkpointSteps,
             "write checkpoints/last every so many steps too (0: never)", 0, mostCounted);
    addSet(command, training.set);
    addThreads(command, training.threads);
    addProgress(command, training.progress);
  }

  void declareSweep() {
    CLI::App *command =
        app.add_subcommand("sweep", "train every combination of the page's `sweep`: one table");
    addData(command, sweep.training.data);
    command->add_option("--out", sweep.training.out, "directory of the sweep, a cell a run in it")
        ->required();
    addCount(command, "--jobs", sweep.jobs, "cells at a time, which share the threads", 1, 1024);
    addCount(command, "--cell", sweep.cell, "only the cell of this number, from 0, in this process",
             0, mostCounted);
    command->add_flag("--table", sweep.tableOnly, "train nothing: print the table as it is");
    command->add_option("--sort", sweep.sort,
                        "column of the table: a setting, or EVALUATION.LINE, the best first");
    command->add_flag("--json", sweep.json, "the table as JSON");
    addCount(command, "--epochs", sweep.training.epochs, "horizon of training and of its schedules",
             0, mostCounted);
    addCount(command, "--seed", sweep.training.seed, "seed of every cell, if the page sweeps none",
             0, UINT64_MAX);
    addCount(command, "--limit", sweep.training.limit,
             "only the first so many images of each split", 1, mostCounted);
    addSet(command, sweep.training.set);
    addThreads(command, sweep.training.threads);
    addProgress(command, sweep.training.progress);
  }

  void addSubject(CLI::App *command) {
    command->add_option("--checkpoint", evaluation.checkpoint,
                        "safetensors file with the weights (default: the page's `from` files)");
    addData(command, evaluation.data);
    addCount(command, "--limit", evaluation.limit, "only the first so many examples", 1,
             mostCounted);
    addCount(command, "--seed", evaluation.seed, "seed of the attacks (that of the training)", 0,
             UINT64_MAX);
    addSet(command, evaluation.set);
    addThreads(command, evaluation.threads);
    addProgress(command, evaluation.progress);
  }

  void declareEval() {
    CLI::App *command = app.add_subcommand("eval", "run the page's evaluations on a checkpoint");
    addSubject(command);
    command->add_option("--evaluation", evaluation.evaluation, "only the one of this name");
    command->add_flag("--classes", evaluation.classes, "print the accuracies of each class, too");
    command->add_flag("--objectives", evaluation.objectives,
                      "print the mean of what each line maximises, too");
    command->add_option("--out", evaluation.out, "JSON file for the results");
  }

  void declareAttack() {
    CLI::App *command = app.add_subcommand("attack", "write the images that an attack finds");
    addSubject(command);
    command->add_option("--evaluation", evaluation.evaluation, "evaluation of the page")
        ->required();
    command->add_option("--attack", evaluation.attack, "attack of that evaluation")->required();
    command->add_option("--out", evaluation.out, "safetensors file")->required();
  }

  void declareInfo() {
    CLI::App *command = app.add_subcommand("info", "settings, state, evaluations and memory");
    command->add_flag("--json", info.json, "as JSON");
    command->add_flag("--measure", info.measure, "run every step once and report the peak");
    addSet(command, info.set);
  }

  void declareInit() {
    CLI::App *command = app.add_subcommand("init", "write the initial weights of a seed");
    addCount(command, "--seed", initSeed, "seed", 0, UINT64_MAX)->required();
    command->add_option("--out", initOut, "safetensors file")->required();
  }

  void declareProbe() {
    CLI::App *command = app.add_subcommand(
        "probe", "run every step once on random inputs and write all results, to compare builds");
    command->add_option("--out", probe.out, "safetensors file for STEP/LEAF and STEP/OUTPUT")
        ->required();
    addCount(command, "--batch", probe.batch, "examples", 1, 4096)->default_str("17");
    addCount(command, "--seed", probe.seed, "seed of the state and of the inputs", 0, UINT64_MAX)
        ->default_str("0");
    command
        ->add_option("--perturb", probe.perturb,
                     "LEAF:INDEX:DELTA: add to one number of the state, for finite differences")
        ->expected(1)
        ->take_all();
    addSet(command, probe.set);
    addThreads(command, probe.threads);
  }

  void declareCompare() {
    CLI::App *command =
        app.add_subcommand("compare", "print what differs between runs, and their accuracies");
    command->add_option("runs", comparison.runs, "folders that `train --out` wrote")->required();
    command->add_flag("--json", comparison.json, "as JSON");
  }

  CLI::App app;
  CompareOptions comparison;
  TrainOptions training;
  SweepOptions sweep;
  EvalOptions evaluation;
  InfoOptions info;
  ProbeOptions probe;
  uint64_t initSeed = 0;
  std::string initOut;
};

} // namespace

int runCommandLine(const AdvxProgram &table, int argc, char **argv) {
  try {
    openStandardStreams();
    watchSignals();
    Program program = loadProgram(table);
    CommandLine commandLine(program);
    try {
      commandLine.parse(argc, argv);
    } catch (const CLI::ParseError &problem) {
      int code = commandLine.explain(problem);
      finishOutput();
      return code;
    }
    ExitCode code = commandLine.dispatch(program);
    // Of a terminal that hung up nothing more is expected.
    if (code != ExitCode::Interrupted)
      finishOutput();
    return int(code);
  } catch (const Interrupted &) {
    std::fprintf(stderr, "interrupted\n");
    return int(ExitCode::Interrupted);
  } catch (const Error &error) {
    printError(error.what(), error.hint());
    return int(error.code());
  } catch (const std::bad_alloc &) {
    printError("there is not enough memory", "");
    return int(ExitCode::Environment);
  } catch (const std::exception &problem) {
    printError(std::string("a defect of advx: ") + problem.what(), "please report it");
    return int(ExitCode::Internal);
  }
}

} // namespace advx::runtime
