//===- Compare.h - Runs side by side --------------------------------------===//

#ifndef ADVX_RUNTIME_COMPARE_COMPARE_H
#define ADVX_RUNTIME_COMPARE_COMPARE_H

#include "runtime/core/Error.h"

#include <string>
#include <vector>

namespace advx::runtime {

struct CompareOptions {
  std::vector<std::string> runs; ///< Folders that `train --out` wrote.
  bool json = false;
};

/// Prints first what the runs differ in (page, seed, settings, compiler), then a table of
/// each evaluation, then which runs are not complete. A folder that cannot be read is told on
/// standard error, and the others are compared all the same; then the result is Data.
ExitCode compareRuns(const CompareOptions &options);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_COMPARE_COMPARE_H
