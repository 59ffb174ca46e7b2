//===- SweepCommand.cpp - The runs of a sweep, one beside the other ----------===//
//
// Each cell is a run of its own in a folder of its own, so what is known of it is what is on the
// disk: a complete one is kept, a broken one is gone on with, and any number of processes and
// machines may share the cells.
//
//===----------------------------------------------------------------------===//

#include "runtime/cli/Commands.h"

#include "runtime/cli/CellProcess.h"
#include "runtime/cli/SweepPlan.h"
#include "runtime/compare/RunFolder.h"
#include "runtime/compare/SweepTable.h"
#include "runtime/core/Files.h"
#include "runtime/core/Interrupt.h"
#include "runtime/core/Text.h"
#include "runtime/train/Trainer.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

namespace advx::runtime {

namespace {

bool isComplete(const std::string &folder) {
  if (!fileExists(joinPath(folder, "run.json")))
    return false;
  try {
    return readRun(folder).isComplete();
  } catch (const Error &) {
    return false; // the run itself says what is wrong with its folder
  }
}

class Sweep {
public:
  Sweep(const SweepPlan &plan, int jobs) : plan(plan), jobs(size_t(jobs)) {}
  Sweep(const Sweep &) = delete;
  Sweep &operator=(const Sweep &) = delete;
  /// All cells that still run end at the same time; each waits for its own process then.
  ~Sweep() {
    for (const Running &each : running)
      each.process.interrupt();
  }

  /// Runs all cells that are not complete; the exit code of the first one that failed.
  ExitCode run() {
    for (size_t cell = 0; cell < plan.size(); ++cell)
      if (isComplete(plan.folder(cell)))
        ++kept;
      else
        waiting.push_back(cell);
    if (kept > 0)
      say(std::to_string(kept) + " of " + std::to_string(plan.size()) + " cells are complete");
    std::reverse(waiting.begin(), waiting.end());
    while (!waiting.empty() || !running.empty()) {
      throwIfInterrupted(); // running cells are interrupted and waited for
      while (running.size() < jobs && !waiting.empty())
        start();
      if (!collect())
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return worst;
  }

private:
  struct Running {
    size_t cell;
    CellProcess process;
  };

  void say(const std::string &text) { std::fprintf(stderr, "%s\n", printable(text).c_str()); }

  void start() {
    const size_t cell = waiting.back();
    waiting.pop_back();
    running.push_back({cell, CellProcess(plan.options(cell), plan.log(cell))});
  }

  bool collect() {
    bool any = false;
    for (size_t i = running.size(); i-- > 0;) {
      std::optional<int> code = running[i].process.ended();
      if (!code)
        continue;
      any = true;
      ++ended;
      const size_t cell = running[i].cell;
      running.erase(running.begin() + static_cast<ptrdiff_t>(i));
      say("cell " + std::to_string(cell) + " (" + plan.name(cell) + ") " +
          (*code == 0
               ? "is complete"
               : "failed with exit code " + std::to_string(*code) + ", see " + plan.log(cell)) +
          "; " + std::to_string(kept + ended) + " of " + std::to_string(plan.size()));
      if (*code != 0 && worst == ExitCode::Success)
        worst = *code > 4 ? ExitCode::Internal : ExitCode(*code);
    }
    return any;
  }

  const SweepPlan &plan;
  HoldSignals untilEnded; ///< no cell outlives the sweep, however often it is interrupted
  size_t jobs, kept = 0, ended = 0;
  std::vector<size_t> waiting; ///< the next one last
  std::vector<Running> running;
  ExitCode worst = ExitCode::Success;
};

SweepTable describeTable(const SweepPlan &plan, const Manifest &manifest) {
  SweepTable table;
  for (const SweepAxis &axis : plan.axes())
    table.axes.push_back(axis.path);
  for (size_t cell = 0; cell < plan.size(); ++cell)
    table.cells.push_back({plan.values(cell), plan.folder(cell)});
  for (const char *weights : {"final", "best"})
    for (const Evaluation &evaluation : manifest.evaluations)
      if (evaluation.atEnd && (manifest.keep || weights == std::string("final")))
        for (const Attack &attack : evaluation.attacks)
          table.lines.push_back(sweepColumn(evaluation.name, attack.name, weights));
  return table;
}

} // namespace

ExitCode sweepCommand(const Program &program, const SweepOptions &options) {
  TrainOptions base = options.training;
  base.threads = std::max(1, base.threads / (options.cell ? 1 : options.jobs));
  SweepPlan plan(program.manifest, base);
  if (options.cell && *options.cell >= plan.size())
    throw usageError("there is no cell " + std::to_string(*options.cell),
                     "cells are numbered from 0 to " + std::to_string(plan.size() - 1));
  const SweepTable table = describeTable(plan, program.manifest);
  requireColumn(table, options.sort);
  if (options.tableOnly)
    plan.require();
  else
    plan.open();
  if (options.cell) {
    if (isComplete(plan.folder(*options.cell))) {
      std::fprintf(stderr, "cell %zu is complete\n", size_t(*options.cell));
      return ExitCode::Success;
    }
    TrainOptions cell = plan.options(*options.cell);
    cell.progress = base.progress;
    return train(program, cell);
  }
  ExitCode code = options.tableOnly ? ExitCode::Success : Sweep(plan, options.jobs).run();
  const std::string text =
      options.json ? sweepJson(table, options.sort) : sweepText(table, options.sort);
  std::printf("%s", options.json ? text.c_str() : printable(text).c_str());
  return code;
}

} // namespace advx::runtime
