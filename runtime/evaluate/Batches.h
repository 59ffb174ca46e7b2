//===- Batches.h - A step on some examples of a split ---------------------===//
//
// Whichever examples are asked for, they fill batches one after another, so that batches are full
// but for the last. A step that keeps examples apart sees whole blocks of 16, the last one filled
// up with copies of an example: what it makes of an example is then the same to the last bit in
// any place of any batch. That relies on the ops: none adds up an example in another order when
// its batch has more blocks or fewer. test/end-to-end/test_survivors.py compares such batches.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_EVALUATE_BATCHES_H
#define ADVX_RUNTIME_EVALUATE_BATCHES_H

#include "runtime/core/Session.h"
#include "runtime/data/Dataset.h"
#include "runtime/evaluate/EvaluationOptions.h"

#include <functional>

namespace advx::runtime {

/// A part of the examples that a step was asked for.
struct Batch {
  size_t first; ///< its first example, of those asked for
  size_t count; ///< its examples
  int64_t size; ///< examples that the step sees: what to give Session::read; `count` or more
};

class Batches {
public:
  /// All are borrowed.
  Batches(Session &session, const Manifest &manifest, Settings &settings, const Split &split,
          const EvaluationOptions &options)
      : session(session), manifest(manifest), settings(settings), split(split), options(options) {}

  /// What the runs that follow are for: of a candidate of `best`, its index and its draws.
  void choose(const Attack &attack);

  using Take = std::function<void(const Batch &)>;
  /// Runs `step` on the examples at `places` of the split's indices, in this order. `ran` is called
  /// when the outputs of a batch are there, `filled` before, when its inputs are. Throws
  /// Interrupted between batches on a signal.
  void run(const Step &step, const std::vector<int64_t> &places, const Take &ran,
           const Take &filled = {});

private:
  Session &session;
  const Manifest &manifest;
  Settings &settings;
  const Split &split;
  const EvaluationOptions &options;
  uint64_t candidate = 0;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_EVALUATE_BATCHES_H
