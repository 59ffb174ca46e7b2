#include "runtime/evaluate/Survivors.h"

#include <algorithm>

namespace advx::runtime {

namespace {

/// A `worst` that names a line.
struct Reader {
  size_t worst; ///< its index
  size_t place; ///< in its `of`
};

std::vector<Reader> readersOf(const Evaluation &evaluation, const std::string &name) {
  std::vector<Reader> result;
  for (size_t worst = 0; worst < evaluation.attacks.size(); ++worst) {
    const std::vector<std::string> &of = evaluation.attacks[worst].of;
    for (size_t place = 0; place < of.size(); ++place)
      if (of[place] == name)
        result.push_back({worst, place});
  }
  return result;
}

} // namespace

std::optional<std::vector<size_t>> linesBefore(const Evaluation &evaluation, size_t line) {
  const Attack &attack = evaluation.attacks[line];
  std::vector<Reader> readers = readersOf(evaluation, attack.name);
  if (!attack.inWorst || readers.size() != 1 || readers.front().worst <= line)
    return std::nullopt;
  auto [worst, place] = readers.front();
  // What a `worst` inside another finds, the outer one asks of what is left alone.
  std::vector<size_t> result = linesBefore(evaluation, worst).value_or(std::vector<size_t>());
  for (size_t i = 0; i < place; ++i)
    result.push_back(evaluation.indexOf(evaluation.attacks[worst].of[i]));
  // The braces may name lines that run later.
  result.erase(
      std::remove_if(result.begin(), result.end(), [&](size_t other) { return other >= line; }),
      result.end());
  return result;
}

} // namespace advx::runtime
