#include "runtime/evaluate/Evaluator.h"

#include "runtime/core/Interrupt.h"
#include "runtime/core/JsonNumber.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace advx::runtime {

double AttackResult::accuracy() const { return count ? double(correct) / double(count) : 0; }

double AttackResult::standardError() const {
  return count ? std::sqrt(accuracy() * (1 - accuracy()) / double(count)) : 0;
}

const AttackResult *EvaluationResult::attack(std::string_view name) const {
  for (const AttackResult &attack : attacks)
    if (attack.name == name)
      return &attack;
  return nullptr;
}

int64_t exampleCount(const Split &split, const Evaluation &evaluation, const Settings &settings,
                     int64_t limit) {
  int64_t count = split.count();
  if (evaluation.count)
    count = std::min(
        count, settings.integer(*evaluation.count, "the count of `" + evaluation.name + "`", 1));
  return limit >= 0 ? std::min(count, limit) : count;
}

namespace {

/// What one attack says of the examples of one batch.
struct BatchOutcome {
  std::vector<char> correct, inside;
};

class Run {
public:
  Run(Session &session, const Manifest &manifest, Settings &settings, const Split &split,
      const Evaluation &evaluation, const EvaluationOptions &options)
      : session(session), manifest(manifest), settings(settings), split(split),
        evaluation(evaluation), options(options), objectives(evaluation.attacks.size()),
        robust(evaluation.attacks.size()) {
    for (const Attack &attack : evaluation.attacks) {
      result.attacks.emplace_back();
      result.attacks.back().name = attack.name;
      result.attacks.back().report = attack.report;
    }
  }

  EvaluationResult all(Progress &progress) {
    double started = monotonicSeconds();
    result.name = evaluation.name;
    result.split = evaluation.split;
    int64_t total = exampleCount(split, evaluation, settings, options.limit);
    progress.begin(total, 0);
    for (int64_t done = 0; done < total;) {
      throwIfInterrupted();
      int64_t batch = std::min(session.maximumBatch(), total - done);
      runBatch(split.indices.data() + done, batch);
      done += batch;
      progress.update(done, "evaluation " + evaluation.name + " " + std::to_string(done) + "/" +
                                std::to_string(total));
    }
    progress.clear();
    for (size_t i = 0; i < objectives.size(); ++i)
      if (hasObjective(evaluation.attacks[i]) && total > 0)
        result.attacks[i].objective = objectives[i] / double(total);
    result.seconds = monotonicSeconds() - started;
    return std::move(result);
  }

private:
  bool hasObjective(const Attack &attack) const {
    return attack.kind != Attack::Kind::Worst && objective(attack) != nullptr;
  }

  const Slot *objective(const Attack &attack) const {
    const Slot *slot = manifest.steps[attack.step].output("objective");
    bool usable = slot && slot->batched && slot->shape.empty() &&
                  (slot->dtype == DType::F32 || slot->dtype == DType::F64);
    return usable ? slot : nullptr;
  }

  void runBatch(const int64_t *rows, int64_t batch) {
    std::vector<char> clean(size_t(batch), 1);
    if (const Attack *borrowed = borrowedClean())
      clean = runInputs(*borrowed, rows, batch).correct;
    for (size_t i = 0; i < evaluation.attacks.size(); ++i)
      if (evaluation.attacks[i].kind == Attack::Kind::Clean) {
        BatchOutcome outcome = runStep(i, rows, batch);
        for (size_t row = 0; row < clean.size(); ++row)
          clean[row] = clean[row] && outcome.correct[row];
      }
    for (size_t i = 0; i < evaluation.attacks.size(); ++i) {
      robust[i] = clean;
      if (evaluation.attacks[i].kind == Attack::Kind::Adversary) {
        BatchOutcome outcome = runStep(i, rows, batch);
        for (size_t row = 0; row < clean.size(); ++row) {
          result.attacks[i].outside += !outcome.inside[row];
          robust[i][row] = clean[row] && (outcome.correct[row] || !outcome.inside[row]);
        }
      }
    }
    for (size_t i = 0; i < evaluation.attacks.size(); ++i)
      for (const std::string &part : evaluation.attacks[i].of)
        intersect(robust[i], robust[size_t(evaluation.attack(part) - evaluation.attacks.data())]);
    for (size_t i = 0; i < evaluation.attacks.size(); ++i) {
      result.attacks[i].count += batch;
      result.attacks[i].correct += std::count(robust[i].begin(), robust[i].end(), 1);
    }
  }

  static void intersect(std::vector<char> &into, const std::vector<char> &other) {
    for (size_t row = 0; row < into.size(); ++row)
      into[row] = into[row] && other[row];
  }

  /// A clean attack of another evaluation, where this one reports none; the
  /// manifest has at least one.
  const Attack *borrowedClean() const {
    const Attack *found = nullptr;
    for (const Evaluation &other : manifest.evaluations)
      for (const Attack &attack : other.attacks) {
        if (attack.kind != Attack::Kind::Clean)
          continue;
        if (&other == &evaluation)
          return nullptr;
        found = &attack;
      }
    return found;
  }

  BatchOutcome runStep(size_t index, const int64_t *rows, int64_t batch) {
    const Attack &attack = evaluation.attacks[index];
    BatchOutcome outcome = runInputs(attack, rows, batch);
    if (const Slot *slot = objective(attack)) {
      const char *data = session.address(*slot, batch);
      for (int64_t row = 0; row < batch; ++row)
        objectives[index] += slot->dtype == DType::F32
                                 ? double(reinterpret_cast<const float *>(data)[row])
                                 : reinterpret_cast<const double *>(data)[row];
    }
    return outcome;
  }

  BatchOutcome runInputs(const Attack &attack, const int64_t *rows, int64_t batch) {
    const Step &step = manifest.steps[attack.step];
    // Steps share the arena, so each needs its inputs anew.
    fillInputs(session, step, manifest.data, *split.images, rows, batch);
    AdvxContext context{options.seed, split.code, 0, 0, batch, nullptr};
    session.run(step, context, settings.uniforms(options.clock, step));
    BatchOutcome outcome;
    outcome.correct = readFlags(step, "correct", batch);
    outcome.inside = readFlags(step, "inside", batch);
    return outcome;
  }

  std::vector<char> readFlags(const Step &step, const char *name, int64_t batch) {
    const Slot *slot = step.output(name);
    if (!slot)
      return std::vector<char>(size_t(batch), 1);
    const char *data = session.address(*slot, batch);
    std::vector<char> flags(data, data + batch);
    for (char &flag : flags)
      flag = flag != 0;
    return flags;
  }

  Session &session;
  const Manifest &manifest;
  Settings &settings;
  const Split &split;
  const Evaluation &evaluation;
  const EvaluationOptions &options;
  EvaluationResult result;
  std::vector<double> objectives;
  std::vector<std::vector<char>> robust; ///< per attack, of the current batch
};

} // namespace

EvaluationResult evaluate(Session &session, const Manifest &manifest, Settings &settings,
                          const Split &split, const Evaluation &evaluation,
                          const EvaluationOptions &options, Progress &progress) {
  return Run(session, manifest, settings, split, evaluation, options).all(progress);
}

nlohmann::ordered_json toJson(const EvaluationResult &result) {
  nlohmann::ordered_json json;
  json["name"] = result.name;
  json["split"] = result.split;
  json["attacks"] = nlohmann::ordered_json::array();
  for (const AttackResult &attack : result.attacks) {
    nlohmann::ordered_json entry;
    entry["name"] = attack.name;
    entry["accuracy"] = attack.accuracy();
    entry["standard_error"] = attack.standardError();
    entry["n"] = attack.count;
    entry["outside"] = attack.outside;
    if (attack.objective)
      entry["objective"] = jsonNumber(*attack.objective);
    if (!attack.report.empty()) {
      entry["report"] = nlohmann::ordered_json::object();
      for (const auto &[key, value] : attack.report)
        entry["report"][key] = value;
    }
    json["attacks"].push_back(std::move(entry));
  }
  return json;
}

} // namespace advx::runtime
