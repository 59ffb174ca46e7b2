#include "runtime/compare/Rows.h"

#include <algorithm>
#include <cstdint>

namespace advx::runtime {

std::string formatRows(const std::vector<std::vector<std::string>> &rows) {
  // Columns are as wide as their characters, of which UTF-8 has one for each byte that does not
  // go on with another.
  auto width = [](const std::string &text) {
    return size_t(std::count_if(text.begin(), text.end(),
                                [](char byte) { return (uint8_t(byte) & 0xC0) != 0x80; }));
  };
  std::vector<size_t> widths(rows[0].size(), 1);
  for (const std::vector<std::string> &row : rows)
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width(row[i]));
  std::string text;
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t i = 0; i < widths.size(); ++i)
      text +=
          (i ? " " : "| ") + rows[r][i] + std::string(widths[i] - width(rows[r][i]), ' ') + " |";
    text += "\n";
    if (r == 0) {
      for (size_t columnWidth : widths)
        text += "|" + std::string(columnWidth + 2, '-');
      text += "|\n";
    }
  }
  return text;
}

} // namespace advx::runtime
