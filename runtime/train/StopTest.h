//===- StopTest.h - Whether `stop when` ends training ----------------------===//

#ifndef ADVX_RUNTIME_TRAIN_STOPTEST_H
#define ADVX_RUNTIME_TRAIN_STOPTEST_H

#include "runtime/core/Settings.h"
#include "runtime/report/EvaluationResult.h"
#include "runtime/train/Checkpoint.h"

namespace advx::runtime {

/// Asks the program after an epoch. An epoch in which an evaluation that the condition reads has
/// not run is not asked about, nor one before there is an evaluation that was `previous`.
class StopTest {
public:
  /// All are borrowed; the manifest trains and stops.
  StopTest(const Manifest &manifest, Settings &settings, Session &session)
      : manifest(manifest), stop(*manifest.train->stop), settings(settings), session(session) {}

  /// Takes the accuracies of an evaluation of this epoch.
  void take(const EvaluationResult &result);
  /// Whether training ends at the weights of the session. `training` has the accuracies of the
  /// evaluations before, and gets those of this epoch.
  bool ends(const Clock &now, TrainingState &training);
  /// Whether every evaluation that the condition reads ran in the epoch that was asked about.
  bool hasMeasured() const { return isMeasured; }

private:
  const Manifest &manifest;
  const StopDescription &stop;
  Settings &settings;
  Session &session;
  std::map<std::string, double> current; ///< by EVALUATION.LINE
  bool isMeasured = false;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_TRAIN_STOPTEST_H
