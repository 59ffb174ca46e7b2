#ifndef ADVX_RUNTIME_COMPARE_ROWS_H
#define ADVX_RUNTIME_COMPARE_ROWS_H

#include <string>
#include <vector>

namespace advx::runtime {

/// A Markdown table whose first row is its head. All rows have as many cells.
std::string formatRows(const std::vector<std::vector<std::string>> &rows);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_COMPARE_ROWS_H
