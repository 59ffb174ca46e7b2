//===- EvaluationResult.h - What an evaluation found ----------------------===//

#ifndef ADVX_RUNTIME_REPORT_EVALUATIONRESULT_H
#define ADVX_RUNTIME_REPORT_EVALUATIONRESULT_H

#include "runtime/core/Error.h"
#include "runtime/core/Manifest.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace advx::runtime {

/// The examples of one class.
struct ClassResult {
  std::string name; ///< of the data set, or the number of the class
  int64_t count = 0;
  int64_t correct = 0;

  double accuracy() const { return double(correct) / double(count); }
};

struct AttackResult {
  std::string name;
  int64_t count = 0; ///< examples
  /// Examples that a line inside `worst` attacked: those that were left for it, or all where
  /// examples depend on each other. None for other lines, which attack all.
  std::optional<int64_t> attacked;
  int64_t correct = 0; ///< of them right
  int64_t outside = 0; ///< adversary's images outside their set, of those attacked
  /// Examples with a value that is not finite, here, clean, or in a line that one inside `worst`
  /// comes after.
  int64_t nonFinite = 0;
  bool hasObjective = false;
  std::optional<double> objective; ///< mean of what the attack maximised, where it is finite
  /// Examples whose first gradient is zero or not finite; none if no gradient is taken.
  std::optional<int64_t> vanishing;
  std::vector<ClassResult> classes; ///< that have examples, in the order of the labels
  std::vector<std::pair<std::string, std::string>> report; ///< at the values that ran

  /// Of all examples; for a line inside `worst` that of the lines up to it together.
  double accuracy() const;
  /// Share of the attacked examples.
  double vanishingShare() const;
  /// Of the accuracy, as a binomial proportion: sqrt(p (1 - p) / n).
  double standardError() const;
};

/// The model at other weights that an evaluation is of.
struct ModelResult {
  enum class Statistics { None, Own, Estimated };
  std::string text; ///< as the page writes it
  Statistics statistics = Statistics::None;
  int64_t images = 0, batches = 0; ///< that they were estimated on; 0 where they were not yet

  ModelResult() = default;
  explicit ModelResult(const EvaluatedModel &model);

  /// "the running statistics are …", for a table; empty where there are none.
  std::string describe() const;
};

struct EvaluationResult {
  std::string name, split;
  std::optional<ModelResult> with;                          ///< of the model as it is where absent
  std::optional<int64_t> asked;                             ///< examples, where the split has fewer
  std::vector<std::pair<std::string, std::string>> changes; ///< settings with another value
  std::vector<AttackResult> attacks;
  double seconds = 0;

  const AttackResult *attack(std::string_view name) const;
};

/// What is not finite in the results, line by line, as a sentence; empty if nothing is.
std::string describeNonFinite(const EvaluationResult &result);
/// The failure of a command whose evaluations have numbers that are not finite, with the
/// sentences of all of them.
Error nonFiniteError(const std::string &findings);

nlohmann::ordered_json toJson(const ModelResult &model);
nlohmann::ordered_json toJson(const EvaluationResult &result);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_REPORT_EVALUATIONRESULT_H
