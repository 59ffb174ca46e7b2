//===- Measures.h - What a training step says of itself --------------------===//
//
// A compiled training step has scalar outputs beside its new weights: `loss`, and
// the batch means of what the page names. The part of a name before the dot groups
// them: `terms.robust` is `robust` among the terms.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_TRAIN_MEASURES_H
#define ADVX_RUNTIME_TRAIN_MEASURES_H

#include "runtime/core/Session.h"

#include <nlohmann/json_fwd.hpp>

namespace advx::runtime {

class Measures {
public:
  /// Both are borrowed; the step is the session's.
  Measures(const Step &step, Session &session);

  size_t size() const { return slots.size(); }
  /// Reads what the step that has just run left.
  void read();
  /// One number a measure, of the last read.
  const std::vector<double> &values() const { return current; }
  double loss() const { return current[lossIndex]; }

  /// Adds each value to the event, those of a group in an object of the group's name.
  void describe(const std::vector<double> &values, nlohmann::ordered_json &event) const;
  /// "loss 0.5312, robust 0.2011, f(x') right 71.25 %".
  std::string text(const std::vector<double> &values) const;

private:
  std::vector<const Slot *> slots;
  std::vector<double> current;
  size_t lossIndex = 0;
  Session &session;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_TRAIN_MEASURES_H
