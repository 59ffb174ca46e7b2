//===- SweepTable.h - The runs of a sweep as one table ---------------------===//

#ifndef ADVX_RUNTIME_COMPARE_SWEEPTABLE_H
#define ADVX_RUNTIME_COMPARE_SWEEPTABLE_H

#include <string>
#include <vector>

namespace advx::runtime {

/// The cells of a sweep: folders of runs, which need not be there yet.
struct SweepTable {
  struct Cell {
    std::vector<std::string> values; ///< one for each axis
    std::string folder;
  };
  std::vector<std::string> axes; ///< paths of settings, and `seed`
  std::vector<Cell> cells;
};

/// A Markdown table: a row for each combination of values but the seed, with the mean of each
/// accuracy over the seeds in per cent and, of two seeds or more, their standard deviation. `sort`
/// names a column: an axis, from small to large, or a line of an evaluation, the best first; empty
/// for the order of the page. A column that is not there is a usage error.
std::string sweepText(const SweepTable &sweep, const std::string &sort);

/// The same as JSON, with the accuracy of each run.
std::string sweepJson(const SweepTable &sweep, const std::string &sort);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_COMPARE_SWEEPTABLE_H
