//===- Evaluator.h - Accuracy, clean and under attack ---------------------===//
//
// An example counts for an adversary if the clean image is right and the
// adversary's image is right too. An image outside its set is a failed attack:
// the example counts as if it had not been attacked, and is reported.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_EVALUATE_EVALUATOR_H
#define ADVX_RUNTIME_EVALUATE_EVALUATOR_H

#include "runtime/core/Settings.h"
#include "runtime/data/Dataset.h"
#include "runtime/report/Progress.h"

#include <nlohmann/json_fwd.hpp>

namespace advx::runtime {

struct AttackResult {
  std::string name;
  int64_t count = 0;               ///< examples
  int64_t correct = 0;             ///< of them right
  int64_t outside = 0;             ///< adversary's images outside their set
  std::optional<double> objective; ///< mean of what the attack maximised
  std::vector<std::pair<std::string, std::string>> report;

  double accuracy() const;
  /// Of the accuracy, as a binomial proportion: sqrt(p (1 - p) / n).
  double standardError() const;
};

struct EvaluationResult {
  std::string name, split;
  std::vector<AttackResult> attacks;
  double seconds = 0;

  const AttackResult *attack(std::string_view name) const;
};

struct EvaluationOptions {
  uint64_t seed = 0;
  Clock clock;
  int64_t limit = -1; ///< the first so many examples; all if negative
};

/// Runs every attack of `evaluation` on the split's first examples with the
/// session's state, in batches of the session's size. Throws Interrupted
/// between batches on a signal.
EvaluationResult evaluate(Session &session, const Manifest &manifest, Settings &settings,
                          const Split &split, const Evaluation &evaluation,
                          const EvaluationOptions &options, Progress &progress);

/// How many examples an evaluation takes: the split's, at most `count` of the
/// page, at most `limit` if that is not negative.
int64_t exampleCount(const Split &split, const Evaluation &evaluation, const Settings &settings,
                     int64_t limit);

nlohmann::ordered_json toJson(const EvaluationResult &result);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_EVALUATE_EVALUATOR_H
