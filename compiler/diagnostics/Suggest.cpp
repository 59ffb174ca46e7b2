//===- Suggest.cpp - The name that was meant ------------------------------===//

#include "compiler/diagnostics/Suggest.h"

#include <algorithm>

namespace advx::diag {

unsigned editDistance(std::string_view a, std::string_view b) {
  // Three rows of the usual table: two letters back, one back, current.
  std::vector<unsigned> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j)
    last[j] = static_cast<unsigned>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<unsigned>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const unsigned replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::optional<std::string> suggest(std::string_view name,
                                   const std::vector<std::string> &candidates) {
  const auto length = static_cast<unsigned>(name.size());
  unsigned nearest = std::min(std::max(1u, length / 3), length > 0 ? length - 1 : 0) + 1;
  std::optional<std::string> result;
  for (const std::string &candidate : candidates) {
    if (candidate == name)
      continue;
    const unsigned distance = editDistance(name, candidate);
    if (distance < nearest) {
      nearest = distance;
      result = candidate;
    }
  }
  return result;
}

std::string didYouMean(std::string_view name, const std::vector<std::string> &candidates,
                       std::string otherwise) {
  const std::optional<std::string> near = suggest(name, candidates);
  return near ? "did you mean `" + *near + "`?" : std::move(otherwise);
}

} // namespace advx::diag
