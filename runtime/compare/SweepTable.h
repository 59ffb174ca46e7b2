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
  std::vector<std::string> axes;  ///< paths of settings, and `seed`
  std::vector<std::string> lines; ///< columns that the evaluations at the end may give
  std::vector<Cell> cells;
};

/// The column of a line of an evaluation: `test.pgd` of the final weights, `test.pgd (best)`.
std::string sweepColumn(const std::string &evaluation, const std::string &line,
                        const std::string &weights);

/// Refuses, as a usage error, a column to sort by that no run of the sweep can give: it is neither
/// empty, nor an axis but the seed, nor one of the lines.
void requireColumn(const SweepTable &sweep, const std::string &column);

/// A Markdown table: a row for each combination of values but the seed, with the mean of each
/// accuracy over the seeds in per cent and, of two seeds or more, their standard deviation. `sort`
/// names a column: an axis, from small to large, or a line of an evaluation, the best first and
/// combinations without it last; empty for the order of the page. A cell whose record cannot be
/// read is not complete.
std::string sweepText(const SweepTable &sweep, const std::string &sort);

/// The same as JSON, with the accuracy of each run.
std::string sweepJson(const SweepTable &sweep, const std::string &sort);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_COMPARE_SWEEPTABLE_H
