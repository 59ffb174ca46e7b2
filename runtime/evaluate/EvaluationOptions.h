#ifndef ADVX_RUNTIME_EVALUATE_EVALUATIONOPTIONS_H
#define ADVX_RUNTIME_EVALUATE_EVALUATIONOPTIONS_H

#include "runtime/core/Settings.h"

namespace advx::runtime {

/// What an evaluation depends on besides its page, its weights and its data.
struct EvaluationOptions {
  uint64_t seed = 0;
  Clock clock;
  int64_t limit = -1; ///< the first so many examples; all if negative
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_EVALUATE_EVALUATIONOPTIONS_H
