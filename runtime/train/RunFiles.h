#ifndef ADVX_RUNTIME_TRAIN_RUNFILES_H
#define ADVX_RUNTIME_TRAIN_RUNFILES_H

#include "runtime/core/Manifest.h"
#include "runtime/train/TrainOptions.h"

namespace advx::runtime {

/// The paths of what a run writes, all in the folder of `--out`.
class RunFiles {
public:
  explicit RunFiles(std::string folder) : folder(std::move(folder)) {}

  std::string record() const { return in("run.json"); }
  std::string metrics() const { return in("metrics.jsonl"); }
  std::string summary() const { return in("summary.json"); }
  std::string profile() const { return in("profile.json"); }
  std::string checkpoints() const { return in("checkpoints"); }
  std::string last() const { return in("checkpoints/last.safetensors"); }
  std::string best() const { return in("checkpoints/best.safetensors"); }
  std::string previous() const { return in("checkpoints/previous.safetensors"); }
  std::string final() const { return in("checkpoints/final.safetensors"); }

  /// Refuses a run that would write over what it reads, or to where another path leads too, as
  /// checkOwnFile has it.
  void check(const Manifest &manifest, const TrainOptions &options) const;

private:
  std::string in(const char *name) const;

  std::string folder;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_TRAIN_RUNFILES_H
