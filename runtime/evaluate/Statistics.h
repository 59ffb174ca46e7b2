//===- Statistics.h - Running statistics for weights that no step trained --===//
//
// What batch norms have as running statistics belongs to the weights that training
// had. At other weights, such as an average, they are estimated: a pass over training
// images in mode train, where each batch counts as much as any other, as
// torch.optim.swa_utils.update_bn makes it.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_EVALUATE_STATISTICS_H
#define ADVX_RUNTIME_EVALUATE_STATISTICS_H

#include "runtime/core/Session.h"
#include "runtime/data/Dataset.h"
#include "runtime/evaluate/EvaluationOptions.h"
#include "runtime/report/EvaluationResult.h"
#include "runtime/report/Progress.h"

#include <map>

namespace advx::runtime {

class Statistics {
public:
  /// All are borrowed.
  Statistics(Session &session, const Manifest &manifest, Settings &settings, Dataset &dataset)
      : session(session), manifest(manifest), settings(settings), dataset(dataset) {}

  /// The weights have changed: what was estimated is of others.
  void forget() { known.clear(); }

  /// Makes the session's state hold the statistics of the evaluation's model, and says what they
  /// are; nothing for an evaluation of the model as it is. They are estimated on the clean training
  /// images, those of the limit, not augmented, in an order of the seed and in full batches.
  /// Throws Interrupted between batches on a signal.
  std::optional<ModelResult> prepare(const Evaluation &evaluation, const EvaluationOptions &options,
                                     Progress &progress);

private:
  ModelResult estimate(const EvaluatedModel &model, const EvaluationOptions &options,
                       Progress &progress);

  Session &session;
  const Manifest &manifest;
  Settings &settings;
  Dataset &dataset;
  std::map<size_t, ModelResult> known; ///< by the step that estimates
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_EVALUATE_STATISTICS_H
