#ifndef ADVX_RUNTIME_CLI_COMMANDS_H
#define ADVX_RUNTIME_CLI_COMMANDS_H

#include "runtime/core/Error.h"
#include "runtime/core/Program.h"
#include "runtime/report/Progress.h"
#include "runtime/train/TrainOptions.h"

namespace advx::runtime {

/// What `eval` and `attack` have in common.
struct EvalOptions {
  std::string checkpoint; ///< Empty: the files that the page names.
  std::string data, out;
  std::vector<std::string> set; ///< path=value
  std::optional<uint64_t> seed; ///< the checkpoint's if absent
  int64_t limit = -1;           ///< examples; all if negative
  int threads = 1;
  std::string evaluation, attack; ///< names; empty: all, or the only one
  bool classes = false;           ///< print the accuracies of each class
  bool objectives = false;        ///< print the mean objective of each line
  ProgressStyle progress = ProgressStyle::Auto;
};

struct InfoOptions {
  bool json = false;
  bool measure = false; ///< run every step once and report the peak
  std::vector<std::string> set;
};

struct ProbeOptions {
  std::string out;
  std::vector<std::string> set;     ///< path=value
  std::vector<std::string> perturb; ///< LEAF:INDEX:DELTA
  uint64_t seed = 0;
  int64_t batch = 17; ///< one more than a padded batch of examples
  int threads = 1;
};

/// What `sweep` has beside what it trains with.
struct SweepOptions {
  TrainOptions training; ///< of every cell; `out` is the folder of the sweep
  int jobs = 1;          ///< cells at a time
  std::optional<uint64_t> cell;
  bool tableOnly = false, json = false;
  std::string sort; ///< a column of the table; empty: the order of the page
};

/// Trains the cells of the page's sweep that are not complete, and prints one table of all of them.
ExitCode sweepCommand(const Program &program, const SweepOptions &options);
ExitCode evalCommand(const Program &program, const EvalOptions &options);
ExitCode attackCommand(const Program &program, const EvalOptions &options);
ExitCode infoCommand(const Program &program, const InfoOptions &options);
ExitCode initCommand(const Program &program, uint64_t seed, const std::string &out);
/// Runs every step once on inputs drawn from the seed, and writes every leaf of the new state as
/// `STEP/LEAF` and every output as `STEP/OUTPUT` to one safetensors file.
ExitCode probeCommand(const Program &program, const ProbeOptions &options);

/// Parses the command line and runs one command. Prints errors; returns the exit code.
int runCommandLine(const AdvxProgram &table, int argc, char **argv);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CLI_COMMANDS_H
