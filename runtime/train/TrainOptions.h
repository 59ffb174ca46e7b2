#ifndef ADVX_RUNTIME_TRAIN_TRAINOPTIONS_H
#define ADVX_RUNTIME_TRAIN_TRAINOPTIONS_H

#include "runtime/report/Progress.h"

#include <optional>
#include <vector>

namespace advx::runtime {

/// What the command line asks of a training run.
struct TrainOptions {
  std::string data;                 ///< directory of the data set
  std::string out;                  ///< run directory
  std::string init;                 ///< file with initial weights; may be empty
  std::optional<int64_t> epochs;    ///< horizon of schedules; the page's if absent
  std::optional<uint64_t> seed;     ///< 0 if absent
  std::optional<int64_t> stopAfter; ///< completed epochs at which to stop
  std::optional<int64_t> limit;     ///< images of each split that the run sees; all if absent
  std::vector<std::string> set;     ///< path=value
  int threads = 1;
  bool resume = false;
  bool profile = false;          ///< measure steps, ops and kernels; write profile.json at the end
  double checkpointSeconds = 60; ///< between two writes of checkpoints/last
  int64_t checkpointSteps = 0;   ///< likewise in steps; 0: by time alone
  ProgressStyle progress = ProgressStyle::Auto;
  std::vector<std::string> command; ///< the command line, for the record
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_TRAIN_TRAINOPTIONS_H
