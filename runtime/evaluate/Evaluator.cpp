#include "runtime/evaluate/Evaluator.h"

#include "runtime/evaluate/Batches.h"
#include "runtime/evaluate/Membership.h"
#include "runtime/evaluate/Survivors.h"
#include "runtime/report/ReportText.h"

#include <algorithm>
#include <numeric>

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
    requireMembers(session, manifest, use, *split.images, split.indices.data(), total, options.seed,
                   settings.uniforms(options.clock, manifest.steps[use.step]));
}

namespace {

/// What is known of every example at one line: 0 or 1 each.
using Flags = std::vector<char>;

void intersect(Flags &into, const Flags &other) {
  for (size_t i = 0; i < into.size(); ++i)
    into[i] = into[i] && other[i];
}

/// The values of a per-example output for a batch's own examples; 1 where the step has no such
/// output.
Flags readFlags(const Session &session, const Step &step, const char *name, const Batch &batch) {
  const Slot *slot = step.output(name);
  Flags flags = slot ? session.flags(*slot, batch.size) : Flags(batch.count, 1);
  flags.resize(batch.count);
  return flags;
}

/// What the step maximised, of each example, if it says so.
const Slot *objectiveOf(const Step &step) {
  const Slot *slot = step.output("objective");
  bool usable = slot && slot->batched && slot->shape.empty() &&
                (slot->dtype == DType::F32 || slot->dtype == DType::F64);
  return usable ? slot : nullptr;
}

class Run {
public:
  Run(Session &session, const Manifest &manifest, Settings &settings, const Split &split,
      const Evaluation &evaluation, const EvaluationOptions &options, Progress &progress)
      : session(session), manifest(manifest), settings(settings), split(split),
        evaluation(evaluation), options(options), progress(progress),
        batches(session, manifest, settings, split, options),
        everyone(size_t(exampleCount(split, evaluation, settings, options.limit))),
        clean(everyone.size(), 1), cleanFinite(everyone.size(), 1) {
    std::iota(everyone.begin(), everyone.end(), 0);
    for (const Attack &attack : evaluation.attacks) {
      AttackResult &line = result.attacks.emplace_back();
      line.name = attack.name;
      line.count = int64_t(everyone.size());
      batches.choose(attack);
      line.report = render(attack.report, settings, options.clock);
      if (attack.kind == Attack::Kind::Worst)
        continue;
      line.hasObjective = objectiveOf(stepOf(attack)) != nullptr;
      if (stepOf(attack).output("vanishing"))
        line.vanishing = 0;
    }
  }

  EvaluationResult all() {
    double started = monotonicSeconds();
    result.name = evaluation.name;
    result.split = evaluation.split;
    result.asked = askedInVain(split, evaluation, settings, options.limit);
    result.changes = changedSettings(manifest, settings);
    requireMembers(session, manifest, settings, split, evaluation, options);
    const Attack *borrowed = borrowedClean();
    int64_t steps = borrowed ? 1 : 0;
    for (const Attack &attack : evaluation.attacks)
      steps += attack.kind != Attack::Kind::Worst;
    progress.begin(steps * int64_t(everyone.size()), 0);
    if (borrowed)
      runClean(*borrowed, nullptr);
    for (size_t i = 0; i < evaluation.attacks.size(); ++i)
      if (evaluation.attacks[i].kind == Attack::Kind::Clean)
        runClean(evaluation.attacks[i], &result.attacks[i]);
    for (size_t i = 0; i < evaluation.attacks.size(); ++i) {
      robust.push_back(clean);
      finite.push_back(cleanFinite);
      if (evaluation.attacks[i].kind == Attack::Kind::Adversary)
        runAdversary(i);
      combine(i);
    }
    for (size_t i = 0; i < evaluation.attacks.size(); ++i) {
      result.attacks[i].correct = std::count(robust[i].begin(), robust[i].end(), 1);
      result.attacks[i].nonFinite = std::count(finite[i].begin(), finite[i].end(), 0);
      result.attacks[i].classes = byClass(robust[i]);
    }
    progress.clear();
    result.seconds = monotonicSeconds() - started;
    return std::move(result);
  }

private:
  const Step &stepOf(const Attack &attack) const { return manifest.steps[attack.step]; }

  /// A clean attack of another evaluation of the same model, where this one reports none; the
  /// manifest has at least one.
  const Attack *borrowedClean() const {
    const Attack *found = nullptr;
    for (const Evaluation &other : manifest.evaluations)
      for (const Attack &attack : other.attacks) {
        if (attack.kind != Attack::Kind::Clean)
          continue;
        if (&other == &evaluation)
          return nullptr;
        if (other.with == evaluation.with)
          found = &attack;
      }
    return found;
  }

  /// Runs a line's step on the examples at `places`, adds up what it maximised, and calls
  /// `ran(batch, finite)`.
  template <typename Ran>
  void runStep(const Attack &attack, AttackResult *line, const std::vector<int64_t> &places,
               Ran &&ran) {
    const Step &step = stepOf(attack);
    batches.choose(attack);
    const Slot *objective = line ? objectiveOf(step) : nullptr;
    double sum = 0;
    int64_t counted = 0;
    batches.run(step, places, [&](const Batch &batch) {
      Flags isFinite = readFlags(session, step, "finite", batch);
      if (objective) {
        std::vector<double> values = session.reals(*objective, batch.size);
        for (size_t i = 0; i < batch.count; ++i)
          if (isFinite[i]) {
            sum += values[i];
            ++counted;
          }
      }
      ran(batch, isFinite);
      done += int64_t(batch.count);
      progress.update(done, "evaluation " + evaluation.name + ", " + attack.name + " " +
                                std::to_string(batch.first + batch.count) + "/" +
                                std::to_string(places.size()));
    });
    if (counted > 0)
      line->objective = sum / double(counted);
  }

  void runClean(const Attack &attack, AttackResult *line) {
    const Step &step = stepOf(attack);
    runStep(attack, line, everyone, [&](const Batch &batch, const Flags &isFinite) {
      Flags correct = readFlags(session, step, "correct", batch);
      for (size_t i = 0; i < batch.count; ++i) {
        clean[batch.first + i] &= correct[i];
        cleanFinite[batch.first + i] &= isFinite[i];
      }
    });
  }

  void runAdversary(size_t index) {
    const Attack &attack = evaluation.attacks[index];
    const Step &step = stepOf(attack);
    AttackResult &line = result.attacks[index];
    std::vector<int64_t> places = everyone;
    if (auto before = linesBefore(evaluation, index)) {
      for (size_t earlier : *before) {
        intersect(robust[index], robust[earlier]);
        intersect(finite[index], finite[earlier]);
      }
      if (step.apart) // else an example needs the others of its batch
        places.erase(std::remove_if(places.begin(), places.end(),
                                    [&](int64_t place) { return !robust[index][size_t(place)]; }),
                     places.end());
      line.attacked = int64_t(places.size());
      progress.leaveOut(int64_t(everyone.size() - places.size()));
    }
    runStep(attack, &line, places, [&](const Batch &batch, const Flags &isFinite) {
      Flags correct = readFlags(session, step, "correct", batch);
      Flags inside = readFlags(session, step, "inside", batch);
      for (size_t i = 0; i < batch.count; ++i) {
        auto place = size_t(places[batch.first + i]);
        bool outside = isFinite[i] && !inside[i];
        line.outside += outside;
        robust[index][place] &= char(isFinite[i] && (correct[i] || outside));
        finite[index][place] &= isFinite[i];
      }
      if (line.vanishing) {
        Flags vanishing = readFlags(session, step, "vanishing", batch);
        *line.vanishing += std::count(vanishing.begin(), vanishing.end(), 1);
      }
    });
  }

  /// Makes a `worst` the AND of its lines, which all stand before it; others have none.
  void combine(size_t index) {
    for (const std::string &part : evaluation.attacks[index].of) {
      size_t line = evaluation.indexOf(part);
      intersect(robust[index], robust[line]);
      intersect(finite[index], finite[line]);
    }
  }

  /// How many examples of each class are right.
  std::vector<ClassResult> byClass(const Flags &right) const {
    std::vector<ClassResult> classes(size_t(manifest.data.classes));
    for (size_t i = 0; i < right.size(); ++i) {
      auto label = size_t(split.images->labels[size_t(split.indices[i])]);
      ++classes[label].count;
      classes[label].correct += right[i];
    }
    const std::vector<std::string> &names = manifest.data.names;
    for (size_t i = 0; i < classes.size(); ++i)
      classes[i].name = names.empty() ? std::to_string(i) : names[i];
    classes.erase(std::remove_if(classes.begin(), classes.end(),
                                 [](const ClassResult &kind) { return kind.count == 0; }),
                  classes.end());
    return classes;
  }

  Session &session;
  const Manifest &manifest;
  Settings &settings;
  const Split &split;
  const Evaluation &evaluation;
  const EvaluationOptions &options;
  Progress &progress;
  Batches batches;
  EvaluationResult result;
  std::vector<int64_t> everyone;     ///< the places of all examples in the split
  Flags clean, cleanFinite;          ///< of the clean images
  std::vector<Flags> robust, finite; ///< of each line so far
  int64_t done = 0;                  ///< examples of all lines
};

} // namespace

EvaluationResult evaluate(Session &session, const Manifest &manifest, Settings &settings,
                          const Split &split, const Evaluation &evaluation,
                          const EvaluationOptions &options, Statistics &statistics,
                          Progress &progress) {
  std::optional<ModelResult> with = statistics.prepare(evaluation, options, progress);
  EvaluationResult result =
      Run(session, manifest, settings, split, evaluation, options, progress).all();
  result.with = std::move(with);
  return result;
}

} // namespace advx::runtime
