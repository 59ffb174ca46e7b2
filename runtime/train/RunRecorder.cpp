#include "runtime/train/RunRecorder.h"

#include "runtime/core/Files.h"
#include "runtime/train/RunFiles.h"

namespace advx::runtime {

RunRecorder::RunRecorder(const Manifest &manifest, const TrainOptions &options,
                         const Settings &settings, const TrainingState &training)
    : manifest(manifest), options(options), settings(settings), training(training),
      path(RunFiles(options.out).record()) {}

void RunRecorder::open(bool isResumed) {
  record.started = utcNow();
  if (!options.init.empty())
    record.init = absolutePath(options.init);
  if (isResumed) {
    readRunHistory(path, record);
    record.resumed.push_back(utcNow());
  }
  describe(isResumed);
  record.status = "running";
  write();
}

void RunRecorder::close(const std::string &status) {
  record.status = status;
  record.ended = utcNow();
  write();
}

void RunRecorder::fail(const std::string &message) {
  record.error = message;
  close("failed");
}

void RunRecorder::complete(bool isResumed) {
  readRunHistory(path, record);
  if (record.status == "complete")
    return;
  describe(isResumed);
  close("complete");
}

/// What the record says of a run besides its times and its status.
void RunRecorder::describe(bool isResumed) {
  record.seed = training.seed;
  record.seedOrigin = options.seed ? "command line" : isResumed ? "checkpoint" : "default";
  record.limit = training.limit;
  record.threads = options.threads;
  record.dataDirectory = absolutePath(options.data);
  record.dataFingerprints = training.data;
  record.command = options.command;
  record.replay = replayCommand();
}

std::vector<std::string> RunRecorder::replayCommand() const {
  std::vector<std::string> words = {options.command.empty() ? "EXE" : options.command[0],
                                    "train",
                                    "--data",
                                    absolutePath(options.data),
                                    "--out",
                                    options.out,
                                    "--seed",
                                    std::to_string(training.seed),
                                    "--threads",
                                    std::to_string(options.threads)};
  for (const auto &[setting, text] : training.overrides) {
    words.push_back("--set");
    words.push_back(setting + "=" + text);
  }
  if (training.limit) {
    words.push_back("--limit");
    words.push_back(std::to_string(*training.limit));
  }
  if (!record.init.empty()) {
    words.push_back("--init");
    words.push_back(record.init);
  }
  return words;
}

void RunRecorder::write() const { writeRunRecord(path, manifest, settings, record); }

} // namespace advx::runtime
