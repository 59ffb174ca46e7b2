//===- Trainer.h - From initial weights to a finished run -----------------===//
//
// A run directory holds run.json, metrics.jsonl, checkpoints/{last,best,final}
// and, when the run is complete, summary.json. A run that ends at any moment
// goes on from checkpoints/last as if it had not ended, to the last bit.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_TRAIN_TRAINER_H
#define ADVX_RUNTIME_TRAIN_TRAINER_H

#include "runtime/core/Error.h"
#include "runtime/core/Session.h"
#include "runtime/report/Progress.h"

namespace advx::runtime {

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

/// Trains, evaluates and records. Returns Success or Interrupted; throws Error
/// for all else, with run.json marked as failed where it exists.
ExitCode train(const Program &program, const TrainOptions &options);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_TRAIN_TRAINER_H
