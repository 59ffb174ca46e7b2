//===- Rehearsal.h - What is looked at before the first step --------------===//

#ifndef ADVX_RUNTIME_TRAIN_REHEARSAL_H
#define ADVX_RUNTIME_TRAIN_REHEARSAL_H

#include "runtime/evaluate/Evaluator.h"

namespace advx::runtime {

/// The extent of a run: `epochs` epochs of `perEpoch` steps.
struct Extent {
  int64_t epochs;
  int64_t perEpoch;

  int64_t steps() const { return epochs * perEpoch; }
};

/// Looks at every schedule of the run from step `begin` on: at each step as far as a second
/// or so allows, and at each evaluation. A value that no step may have is a usage error, as
/// Settings::uniforms has it.
void checkSchedules(const Manifest &manifest, Settings &settings, const Extent &run, int64_t begin);

/// Refuses examples outside the sets that training, on `rows` of the training split, and the
/// evaluations of the run search: such a run ends before hours of work.
void checkSets(Session &session, const Manifest &manifest, Settings &settings, Dataset &dataset,
               const std::vector<int64_t> &rows, const EvaluationOptions &how);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_TRAIN_REHEARSAL_H
