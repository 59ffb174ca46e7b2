//===- RunFolder.h - What a run left, read back ---------------------------===//
//
// A run folder may be anybody's, so nothing in it is taken for granted: a file
// that is missing, is no regular file, is no JSON or holds other things than a
// run writes is a data error that names it.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_COMPARE_RUNFOLDER_H
#define ADVX_RUNTIME_COMPARE_RUNFOLDER_H

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace advx::runtime {

/// One line of an evaluation.
struct RecordedAttack {
  std::string name;
  double accuracy = 0, standardError = 0;
  int64_t count = 0;
  /// Examples that an attack has to be doubted for, by why ("outside"); only counts above 0.
  std::vector<std::pair<std::string, int64_t>> doubts;
  std::string how; ///< What was maximised over which set by which solver; may be empty.
};

struct RecordedEvaluation {
  std::string name, split;
  std::string weights; ///< final, best, or current while training
  int64_t epoch = 0;   ///< that these weights have ended
  std::vector<RecordedAttack> attacks;
};

struct RecordedRun {
  std::string path;
  std::string experiment;
  std::string status;    ///< complete, stopped, interrupted, failed or running
  std::string error;     ///< of a failed run
  int64_t lastEpoch = 0; ///< of the last event; 0 without one
  /// What its numbers depend on (experiment, page, seed, settings, compiler), by name.
  std::vector<std::pair<std::string, std::string>> facts;
  /// The last one of each name and weights, in the order of the page.
  std::vector<RecordedEvaluation> evaluations;

  bool isComplete() const { return status == "complete"; }
};

/// Reads run.json, summary.json (if the run is complete) and the evaluations in metrics.jsonl.
RecordedRun readRun(const std::string &path);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_COMPARE_RUNFOLDER_H
