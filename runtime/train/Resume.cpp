#include "runtime/train/Resume.h"

namespace advx::runtime {

namespace {

const char *const commandLine = "command line";

Error refuse(const std::string &difference) {
  return usageError("this run cannot be resumed: " + difference,
                    "a resumed run repeats what it was started with; leave the option out, or "
                    "start a new run in another --out");
}

void assignEpochs(const Manifest &manifest, int64_t epochs, Settings &settings) {
  const Quantity &quantity = manifest.train->epochs;
  if (!quantity.setting)
    throw usageError("the page fixes the number of epochs, so --epochs cannot change it");
  settings.assign(manifest.settings[*quantity.setting].path, double(epochs), commandLine);
}

} // namespace

uint64_t configure(const Manifest &manifest, const TrainOptions &options, const TrainingState *past,
                   Settings &settings) {
  if (past) {
    if (past->sourceHash != manifest.sourceHash)
      throw refuse("it was started with another version of " + manifest.sourcePath);
    if (options.seed && *options.seed != past->seed)
      throw refuse("its seed is " + std::to_string(past->seed) + ", not " +
                   std::to_string(*options.seed));
    if (options.limit && options.limit != past->limit)
      throw refuse(past->limit ? "its limit is " + std::to_string(*past->limit) + " images, not " +
                                     std::to_string(*options.limit)
                               : "it was started without a limit");
    for (const auto &[path, value] : past->overrides)
      settings.assign(path, value, commandLine);
  }
  for (const std::string &assignment : options.set)
    settings.assign(assignment, commandLine);
  if (options.epochs)
    assignEpochs(manifest, *options.epochs, settings);
  if (past) {
    for (const auto &[path, value] : settings.values()) {
      bool found = false;
      for (const auto &[pastPath, pastValue] : past->settings) {
        if (pastPath != path)
          continue;
        found = true;
        if (pastValue != value)
          throw refuse("its `" + path + "` is " + formatNumber(pastValue) + ", not " +
                       formatNumber(value));
      }
      if (!found)
        throw refuse("it knows no setting `" + path + "`");
    }
  }
  return past ? past->seed : options.seed.value_or(0);
}

} // namespace advx::runtime
