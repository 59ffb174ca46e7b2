//===- Evaluator.h - Accuracy, clean and under attack ---------------------===//
//
// An example counts for an adversary if the clean image is right and the
// adversary's image is right too. An image outside its set is a failed attack:
// the example counts as if it had not been attacked, and is reported. Where a
// logit, the objective or the adversary's image is not finite, the example is
// neither right nor robust, and is reported too.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_EVALUATE_EVALUATOR_H
#define ADVX_RUNTIME_EVALUATE_EVALUATOR_H

#include "runtime/core/Error.h"
#include "runtime/core/Settings.h"
#include "runtime/data/Dataset.h"
#include "runtime/report/Progress.h"

#include <nlohmann/json_fwd.hpp>

namespace advx::runtime {

struct AttackResult {
  std::string name;
  int64_t count = 0;     ///< examples
  int64_t correct = 0;   ///< of them right
  int64_t outside = 0;   ///< adversary's images outside their set
  int64_t nonFinite = 0; ///< examples with a value that is not finite, here or clean
  bool hasObjective = false;
  std::optional<double> objective; ///< mean of what the attack maximised, where it is finite
  /// Examples whose first gradient is zero or not finite; none if no gradient is taken.
  std::optional<int64_t> vanishing;
  std::vector<std::pair<std::string, std::string>> report; ///< at the values that ran

  double accuracy() const;
  /// Of the accuracy, as a binomial proportion: sqrt(p (1 - p) / n).
  double standardError() const;
};

struct EvaluationResult {
  std::string name, split;
  std::optional<int64_t> asked;                             ///< examples, where the split has fewer
  std::vector<std::pair<std::string, std::string>> changes; ///< settings with another value
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

/// The examples that were asked for, where the split has fewer.
std::optional<int64_t> askedInVain(const Split &split, const Evaluation &evaluation,
                                   const Settings &settings, int64_t limit);

/// Refuses examples outside the sets that the evaluation's adversaries search, before
/// any of them runs.
void requireMembers(Session &session, const Manifest &manifest, Settings &settings,
                    const Split &split, const Evaluation &evaluation,
                    const EvaluationOptions &options);

/// What is not finite in the results, line by line, as a sentence; empty if nothing is.
std::string describeNonFinite(const EvaluationResult &result);
/// The failure of a command whose evaluations have numbers that are not finite, with the
/// sentences of all of them.
Error nonFiniteError(const std::string &findings);

nlohmann::ordered_json toJson(const EvaluationResult &result);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_EVALUATE_EVALUATOR_H
