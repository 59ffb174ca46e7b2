#ifndef ADVX_RUNTIME_EVALUATE_ATTACKWRITER_H
#define ADVX_RUNTIME_EVALUATE_ATTACKWRITER_H

#include "runtime/evaluate/Evaluator.h"

namespace advx::runtime {

/// Runs one attack of an evaluation on all examples that the evaluation takes, also for a line
/// inside `worst`, and writes, as a safetensors file with one row per example: the inputs `x`, `y`
/// and `index`, and every per-example output of the step under its name (`adversarial` is x',
/// `correct`, `inside`, `finite`, `objective`, `logits`, ...). Returns how many rows are not
/// finite. Throws Interrupted on a signal, and a data error for an image outside its own set.
int64_t writeAttack(Session &session, const Manifest &manifest, Settings &settings,
                    const Split &split, const Evaluation &evaluation, const Attack &attack,
                    const EvaluationOptions &options, const std::string &path,
                    Statistics &statistics, Progress &progress);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_EVALUATE_ATTACKWRITER_H
