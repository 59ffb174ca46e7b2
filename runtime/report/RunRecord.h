//===- RunRecord.h - run.json ---------------------------------------------===//
//
// A run explains itself: run.json holds everything that its results depend on,
// with defaults and where each value came from, and the command that repeats it.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_REPORT_RUNRECORD_H
#define ADVX_RUNTIME_REPORT_RUNRECORD_H

#include "runtime/core/Import.h"
#include "runtime/core/Settings.h"

#include <nlohmann/json_fwd.hpp>

namespace advx::runtime {

struct RunRecord {
  uint64_t seed = 0;
  std::string seedOrigin;
  std::optional<int64_t> limit; ///< images of each split; all if absent
  int threads = 1;
  std::string dataDirectory;
  std::map<std::string, std::string> dataFingerprints; ///< of each file set that was read
  std::string init;                                    ///< file of --init; empty without
  std::vector<Import> imports;                         ///< weights that the page names
  std::vector<std::string> command;                    ///< as it was given
  std::vector<std::string> replay;                     ///< that repeats the run from its start
  std::string started;                                 ///< UTC, of the first process of the run
  std::vector<std::string> resumed;                    ///< UTC, of later ones
  std::string status; ///< running, complete, stopped, interrupted or failed
  std::string ended;  ///< UTC; empty while running
  std::string error;  ///< of a failed run
};

/// Writes run.json atomically.
void writeRunRecord(const std::string &path, const Manifest &manifest, const Settings &settings,
                    const RunRecord &record);

/// `started`, `resumed`, `status`, `init` and `weights` of a run that is resumed; left as they are
/// where the file is missing or damaged, since nothing else depends on them.
void readRunHistory(const std::string &path, RunRecord &record);

/// A value of the setting as JSON of its kind: 128, not 128.0.
nlohmann::ordered_json numberToJson(const Setting &setting, double value);

/// Settings with value, page text and origin. The value of a schedule is its text.
nlohmann::ordered_json settingsToJson(const Manifest &manifest, const Settings &settings);

/// To what is said of the data: the parts of a mixture with their shares, the images of an epoch
/// where the page says how many, and whether any are synthetic.
void addDataParts(const Manifest &manifest, const Settings &settings, nlohmann::ordered_json &data);

/// Versions of compiler, runtime and ABI.
nlohmann::ordered_json versionsToJson(const Manifest &manifest);

/// The arenas' plan for a batch, the peak so far, and what libraries hold, in bytes.
nlohmann::ordered_json memoryToJson(const Manifest &manifest, int64_t batch);

/// The time as "2026-01-31T12:34:56Z".
std::string utcNow();

/// Words as one line that a POSIX shell reads back.
std::string shellQuote(const std::vector<std::string> &words);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_REPORT_RUNRECORD_H
