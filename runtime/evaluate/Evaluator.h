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

#include "runtime/core/Session.h"
#include "runtime/data/Dataset.h"
#include "runtime/evaluate/EvaluationOptions.h"
#include "runtime/evaluate/Statistics.h"
#include "runtime/report/EvaluationResult.h"
#include "runtime/report/Progress.h"

namespace advx::runtime {

/// Runs every attack of `evaluation` on its split's first examples with the
/// session's state, for which `statistics` are prepared, one line after another, in batches as
/// Batches has them. A line inside `worst` attacks the examples that are left for it alone. Throws
/// Interrupted between batches on a signal.
EvaluationResult evaluate(Session &session, const Manifest &manifest, Settings &settings,
                          const Split &split, const Evaluation &evaluation,
                          const EvaluationOptions &options, Statistics &statistics,
                          Progress &progress);

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

} // namespace advx::runtime

#endif // ADVX_RUNTIME_EVALUATE_EVALUATOR_H
