#include "runtime/evaluate/Evaluator.h"

#include "runtime/core/Interrupt.h"
#include "runtime/evaluate/Membership.h"
#include "runtime/report/ReportText.h"

#include <algorithm>

namespace advx::runtime {

namespace {

/// What the page and the command line ask for; nothing for all examples.
std::optional<int64_t> wantedCount(const Evaluation &evaluation, const Settings &settings,
                                   int64_t limit) {
  std::optional<int64_t> wanted;
  if (evaluation.count)
    wanted = settings.integer(*evaluation.count, "the count of `" + evaluation.name + "`", 1);
  if (limit >= 0)
    wanted = wanted ? std::min(*wanted, limit) : limit;
  return wanted;
}

} // namespace

int64_t exampleCount(const Split &split, const Evaluation &evaluation, const Settings &settings,
                     int64_t limit) {
  int64_t count =
      std::min(split.count(), wantedCount(evaluation, settings, limit).value_or(split.count()));
  if (count < 1)
    throw dataError("evaluation `" + evaluation.name + "` has no image: `" + evaluation.split +
                        "` has " + std::to_string(split.count()),
                    "an accuracy needs at least one image");
  return count;
}

std::optional<int64_t> askedInVain(const Split &split, const Evaluation &evaluation,
                                   const Settings &settings, int64_t limit) {
  std::optional<int64_t> wanted = wantedCount(evaluation, settings, limit);
  return wanted && *wanted > split.count() ? wanted : std::nullopt;
}

namespace {

/// The distinct sets of an evaluation's adversaries.
std::vector<SetUse> setsOf(const Evaluation &evaluation, const Settings &settings,
                           const Clock &clock) {
  std::vector<SetUse> sets;
  for (const Attack &attack : evaluation.attacks) {
    auto same = [&](const SetUse &use) { return use.step == *attack.membership; };
    if (!attack.membership || std::any_of(sets.begin(), sets.end(), same))
      continue;
    std::string set;
    for (const auto &[key, text] : attack.report)
      if (key == "over")
        set = render(text, settings, clock);
    sets.push_back({*attack.membership,
                    "line `" + attack.name + "` of evaluation `" + evaluation.name + "`", set,
                    evaluation.split});
  }
  return sets;
}

} // namespace

void requireMembers(Session &session, const Manifest &manifest, Settings &settings,
                    const Split &split, const Evaluation &evaluation,
                    const EvaluationOptions &options) {
  int64_t total = exampleCount(split, evaluation, settings, options.limit);
  for (const SetUse &use : setsOf(evaluation, settings, options.clock))
    for (int64_t done = 0; done < total; done += session.maximumBatch()) {
      throwIfInterrupted();
      requireMembers(session, manifest, use, *split.images, split.indices.data() + done,
                     std::min(session.maximumBatch(), total - done), options.seed,
                     settings.uniforms(options.clock, manifest.steps[use.step]));
    }
}

namespace {

/// What one attack says of the examples of one batch.
struct BatchOutcome {
  std::vector<char> correct, inside, finite, vanishing;
};

class Run {
public:
  Run(Session &session, const Manifest &manifest, Settings &settings, const Split &split,
      const Evaluation &evaluation, const EvaluationOptions &options)
      : session(session), manifest(manifest), settings(settings), split(split),
        evaluation(evaluation), options(options), objectives(evaluation.attacks.size()),
        objectiveCounts(evaluation.attacks.size()), robust(evaluation.attacks.size()),
        finite(evaluation.attacks.size()) {
    for (const Attack &attack : evaluation.attacks) {
      AttackResult &line = result.attacks.emplace_back();
      line.name = attack.name;
      line.report = render(attack.report, settings, options.clock);
      line.hasObjective = hasObjective(attack);
      if (attack.kind != Attack::Kind::Worst && manifest.steps[attack.step].output("vanishing"))
        line.vanishing = 0;
    }
  }

  EvaluationResult all(Progress &progress) {
    double started = monotonicSeconds();
    result.name = evaluation.name;
    result.split = evaluation.split;
    result.asked = askedInVain(split, evaluation, settings, options.limit);
    result.changes = changedSettings(manifest, settings);
    int64_t total = exampleCount(split, evaluation, settings, options.limit);
    requireMembers(session, manifest, settings, split, evaluation, options);
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
      if (objectiveCounts[i] > 0)
        result.attacks[i].objective = objectives[i] / double(objectiveCounts[i]);
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
    std::vector<char> clean(size_t(batch), 1), cleanFinite(size_t(batch), 1);
    auto takeClean = [&](const BatchOutcome &outcome) {
      intersect(clean, outcome.correct);
      intersect(cleanFinite, outcome.finite);
    };
    if (const Attack *borrowed = borrowedClean())
      takeClean(runInputs(*borrowed, rows, batch));
    for (size_t i = 0; i < evaluation.attacks.size(); ++i)
      if (evaluation.attacks[i].kind == Attack::Kind::Clean)
        takeClean(runStep(i, rows, batch));
    for (size_t i = 0; i < evaluation.attacks.size(); ++i) {
      robust[i] = clean;
      finite[i] = cleanFinite;
      if (evaluation.attacks[i].kind == Attack::Kind::Adversary)
        runAdversary(i, rows, batch);
    }
    for (size_t i = 0; i < evaluation.attacks.size(); ++i)
      for (const std::string &part : evaluation.attacks[i].of) {
        size_t line = size_t(evaluation.attack(part) - evaluation.attacks.data());
        intersect(robust[i], robust[line]);
        intersect(finite[i], finite[line]);
      }
    for (size_t i = 0; i < evaluation.attacks.size(); ++i) {
      result.attacks[i].count += batch;
      result.attacks[i].correct += std::count(robust[i].begin(), robust[i].end(), 1);
      result.attacks[i].nonFinite += std::count(finite[i].begin(), finite[i].end(), 0);
    }
  }

  void runAdversary(size_t index, const int64_t *rows, int64_t batch) {
    BatchOutcome outcome = runStep(index, rows, batch);
    AttackResult &line = result.attacks[index];
    for (size_t row = 0; row < outcome.correct.size(); ++row) {
      bool outside = outcome.finite[row] && !outcome.inside[row];
      line.outside += outside;
      robust[index][row] &= char(outcome.finite[row] && (outcome.correct[row] || outside));
    }
    intersect(finite[index], outcome.finite);
    if (line.vanishing)
      *line.vanishing += std::count(outcome.vanishing.begin(), outcome.vanishing.end(), 1);
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
      std::vector<double> values = session.reals(*slot, batch);
      for (size_t row = 0; row < values.size(); ++row) {
        if (!outcome.finite[row])
          continue;
        objectives[index] += values[row];
        ++objectiveCounts[index];
      }
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
    outcome.finite = readFlags(step, "finite", batch);
    outcome.vanishing = readFlags(step, "vanishing", batch);
    return outcome;
  }

  std::vector<char> readFlags(const Step &step, const char *name, int64_t batch) {
    const Slot *slot = step.output(name);
    return slot ? session.flags(*slot, batch) : std::vector<char>(size_t(batch), 1);
  }

  Session &session;
  const Manifest &manifest;
  Settings &settings;
  const Split &split;
  const Evaluation &evaluation;
  const EvaluationOptions &options;
  EvaluationResult result;
  std::vector<double> objectives;
  std::vector<int64_t> objectiveCounts;
  std::vector<std::vector<char>> robust, finite; ///< per attack, of the current batch
};

} // namespace

EvaluationResult evaluate(Session &session, const Manifest &manifest, Settings &settings,
                          const Split &split, const Evaluation &evaluation,
                          const EvaluationOptions &options, Progress &progress) {
  return Run(session, manifest, settings, split, evaluation, options).all(progress);
}

} // namespace advx::runtime
