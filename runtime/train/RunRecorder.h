//===- RunRecorder.h - run.json of a training run -------------------------===//

#ifndef ADVX_RUNTIME_TRAIN_RUNRECORDER_H
#define ADVX_RUNTIME_TRAIN_RUNRECORDER_H

#include "runtime/report/RunRecord.h"
#include "runtime/train/Checkpoint.h"
#include "runtime/train/TrainOptions.h"

namespace advx::runtime {

/// Keeps run.json at what the run has come to. It says what `training` and `settings` hold when it
/// is written, so both must be settled by then.
class RunRecorder {
public:
  /// All are borrowed; the file is `run.json` in the folder of `--out`.
  RunRecorder(const Manifest &manifest, const TrainOptions &options, const Settings &settings,
              const TrainingState &training);

  /// What the weights were read from at the start.
  void setImports(std::vector<Import> imports) { record.imports = std::move(imports); }
  /// Writes a run that begins, or with `isResumed` one that goes on: what was known of it stays.
  void open(bool isResumed);
  /// Writes how the run ended: "stopped", "complete", "interrupted".
  void close(const std::string &status);
  /// Writes why it failed.
  void fail(const std::string &message);
  /// Gives a run that was killed between its summary and its record the record; leaves any other
  /// as it is. `isResumed`: its seed is that of its checkpoint.
  void complete(bool isResumed);

private:
  void describe(bool isResumed);
  std::vector<std::string> replayCommand() const;
  void write() const;

  const Manifest &manifest;
  const TrainOptions &options;
  const Settings &settings;
  const TrainingState &training;
  std::string path;
  RunRecord record;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_TRAIN_RUNRECORDER_H
