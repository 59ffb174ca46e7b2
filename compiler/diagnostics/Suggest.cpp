//===- Suggest.cpp - The name that was meant ------------------------------===//

#include "compiler/diagnostics/Suggest.h"

#include "compiler/diagnostics/FieldNames.h"
#include "compiler/source/EditDistance.h"

#include <algorithm>

namespace advx::diag {

std::optional<std::string> suggest(std::string_view name,
                                   const std::vector<std::string> &candidates) {
  const size_t length = name.size();
  size_t nearest = std::min(std::max<size_t>(1, length / 3), length > 0 ? length - 1 : 0) + 1;
  std::optional<std::string> result;
  for (const std::string &candidate : candidates) {
    if (candidate == name)
      continue;
    const size_t distance = std::min(editDistance(name, candidate),
                                     editDistance(plainName(name), plainName(candidate)));
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

namespace {

/// Letters that both words have in one order, over those they have: 0 to 1.
double likeness(std::string_view a, std::string_view b) {
  std::vector<size_t> last(b.size() + 1), row(b.size() + 1);
  for (char c : a) {
    for (size_t j = 1; j <= b.size(); ++j)
      row[j] = c == b[j - 1] ? last[j - 1] + 1 : std::max(last[j], row[j - 1]);
    std::swap(last, row);
  }
  return a.empty() && b.empty() ? 0 : 2.0 * double(last[b.size()]) / double(a.size() + b.size());
}

} // namespace

std::vector<std::string> likeliest(std::string_view name, std::vector<std::string> candidates,
                                   size_t most) {
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  const std::string plain = plainName(name);
  std::vector<std::pair<double, std::string>> ranked;
  for (std::string &candidate : candidates)
    ranked.emplace_back(likeness(plain, plainName(candidate)), std::move(candidate));
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto &a, const auto &b) { return a.first > b.first; });
  std::vector<std::string> result;
  for (size_t i = 0; i < ranked.size() && i < most; ++i)
    result.push_back(std::move(ranked[i].second));
  return result;
}

std::string suggestOrList(std::string_view name, const std::vector<std::string> &candidates) {
  if (candidates.empty())
    return "declare it before this line";
  constexpr size_t most = 8;
  std::string list = "known here: ";
  const std::vector<std::string> shown = likeliest(name, candidates, most + 1);
  for (size_t i = 0; i < std::min(shown.size(), most); ++i)
    list += (i ? ", `" : "`") + shown[i] + "`";
  return didYouMean(name, candidates, list + (shown.size() > most ? ", …" : ""));
}

} // namespace advx::diag
