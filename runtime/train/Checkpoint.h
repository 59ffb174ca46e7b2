//===- Checkpoint.h - A moment of training on disk ------------------------===//
//
// A checkpoint is a safetensors file: the leaves of state, and as metadata all
// else that the rest of the run is a function of. Random draws are functions of
// the seed and the position, so these two are the random state. It holds no
// time and no name of a machine: equal runs write equal bytes.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_TRAIN_CHECKPOINT_H
#define ADVX_RUNTIME_TRAIN_CHECKPOINT_H

#include "runtime/core/Settings.h"
#include "runtime/core/State.h"
#include "runtime/train/Tables.h"

namespace advx::runtime {

/// Where training stands. `batch == batches of an epoch` means that the steps of
/// the epoch are done and its report and evaluations are not.
struct Position {
  int64_t epoch = 0;     ///< completed epochs
  int64_t batch = 0;     ///< completed batches of this epoch
  int64_t iteration = 0; ///< completed steps since the start
};

/// The best value of the measure that `keep best` names.
struct BestValue {
  double accuracy = 0;
  int64_t epoch = 0;
};

/// All of a training run but its weights.
struct TrainingState {
  uint64_t seed = 0;
  Position position;
  int64_t iterations = 0;   ///< the horizon in steps
  int64_t events = 0;       ///< lines of metrics.jsonl that belong to the past of this moment
  std::vector<double> sums; ///< per scalar output of the step: sum over this epoch's examples
  std::optional<BestValue> best;
  bool isStopped = false;                 ///< `stop when` has ended training before its last epoch
  std::optional<int64_t> weightsEpoch;    ///< after which the weights were, where it went back
  std::map<std::string, double> measured; ///< accuracies that it reads, at the last evaluation
  std::optional<int64_t> limit;           ///< --limit
  std::map<std::string, std::string> overrides;              ///< --set, by path, as written
  std::vector<std::pair<std::string, std::string>> settings; ///< Settings::texts()
  std::map<std::string, std::string> data;    ///< Dataset::fingerprint() of each file set
  std::map<std::string, std::string> program; ///< programIdentity()
};

/// Writes atomically. A weight that is not finite is a numerical error, and the
/// file keeps what it held.
void saveCheckpoint(const std::string &path, const Manifest &manifest, const Session &session,
                    const Tables &tables, const TrainingState &training);

/// The training state of a checkpoint; nothing if the file is one of weights
/// alone. Metadata of another version, and numbers that no run has (a negative
/// count, an accuracy above 1), are data errors.
std::optional<TrainingState> readTrainingState(const SafetensorsFile &file);

/// Whether the position of a checkpoint is one that a run of `epochs` epochs passes,
/// each of `batches` batches of `replays` steps; a data error names `path` if not.
void checkPosition(const TrainingState &training, int64_t epochs, int64_t batches, int64_t replays,
                   const std::string &path);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_TRAIN_CHECKPOINT_H
