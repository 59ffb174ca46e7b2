#ifndef ADVX_RUNTIME_TRAIN_SUMMARY_H
#define ADVX_RUNTIME_TRAIN_SUMMARY_H

#include "runtime/report/EvaluationResult.h"
#include "runtime/train/Checkpoint.h"

namespace advx::runtime {

/// An evaluation at the end of a run.
struct FinalEvaluation {
  EvaluationResult result;
  std::string weights; ///< "final" or "best"
  int64_t epoch;       ///< after which those were
};

/// Writes summary.json of a run that is complete, atomically. `batch` is the most examples of a
/// step.
void writeSummary(const std::string &path, const Manifest &manifest, const TrainingState &training,
                  const std::vector<FinalEvaluation> &evaluations, int64_t batch);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_TRAIN_SUMMARY_H
