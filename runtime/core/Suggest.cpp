#include "runtime/core/Suggest.h"

#include "compiler/source/EditDistance.h"

#include <algorithm>

namespace advx::runtime {

std::string nearest(std::string_view word, const std::vector<std::string> &candidates) {
  size_t limit = std::max<size_t>(1, word.size() / 3);
  std::string best;
  size_t bestDistance = limit + 1;
  for (const std::string &candidate : candidates) {
    size_t distance = editDistance(word, candidate);
    std::string suffix = "." + std::string(word);
    if (candidate.size() > suffix.size() &&
        candidate.compare(candidate.size() - suffix.size(), suffix.size(), suffix) == 0)
      distance = 1;
    if (distance < bestDistance) {
      bestDistance = distance;
      best = candidate;
    }
  }
  return best;
}

} // namespace advx::runtime
