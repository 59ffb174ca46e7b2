//===- Events.h - The lines of metrics.jsonl ------------------------------===//

#ifndef ADVX_RUNTIME_TRAIN_EVENTS_H
#define ADVX_RUNTIME_TRAIN_EVENTS_H

#include "runtime/core/Settings.h"
#include "runtime/report/EvaluationResult.h"
#include "runtime/report/Metrics.h"
#include "runtime/train/Checkpoint.h"
#include "runtime/train/Measures.h"

namespace advx::runtime {

/// Says what happens in a run, a line an event, with the seconds since it was opened.
class Events {
public:
  /// Opens the file as MetricsWriter does and keeps its first `kept` lines. All are borrowed; the
  /// measures are those of the training step.
  Events(const std::string &path, int64_t kept, const Manifest &manifest, Settings &settings,
         const Measures &measures);

  /// Lines since the start of the run.
  int64_t count() const { return writer.events(); }
  void sync() { writer.sync(); }

  /// Of the step that has just run. `now` is the clock behind it.
  void step(const Position &position, const Clock &now);
  /// Of `epoch` epochs that are done; `means` are the measures over the last one.
  void epoch(int64_t epoch, const std::vector<double> &means, const Clock &now);
  /// Training ends after `epoch` epochs, as `stop when` says.
  void stop(int64_t epoch, int64_t iteration);
  /// Of the weights that `weights` names ("current", "final", "best"), which are those after
  /// `epoch` epochs.
  void evaluation(const EvaluationResult &result, const std::string &weights, int64_t epoch,
                  int64_t iteration);

private:
  void describeSchedules(Clock now, nlohmann::ordered_json &event);
  void write(nlohmann::ordered_json &event);

  const Manifest &manifest;
  Settings &settings;
  const Measures &measures;
  MetricsWriter writer;
  double opened;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_TRAIN_EVENTS_H
