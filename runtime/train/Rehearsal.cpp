#include "runtime/train/Rehearsal.h"

#include "runtime/evaluate/Membership.h"

namespace advx::runtime {

namespace {

/// Clocks that are looked at for one step.
constexpr int64_t most = 1 << 17;

void checkEvaluation(const Manifest &manifest, const Evaluation &evaluation, Settings &settings,
                     const Extent &run) {
  int64_t every = evaluation.every ? settings.integer(*evaluation.every,
                                                      "`every` of `" + evaluation.name + "`", 1)
                                   : run.epochs;
  int64_t stride = every * (run.epochs / every / most + 1);
  std::vector<size_t> steps;
  for (const Attack &attack : evaluation.attacks)
    if (attack.kind != Attack::Kind::Worst)
      steps.push_back(attack.step);
  if (evaluation.with && evaluation.with->estimation)
    steps.push_back(*evaluation.with->estimation);
  for (size_t index : steps) {
    const Step &step = manifest.steps[index];
    for (int64_t done = every; done <= run.epochs; done += stride)
      settings.uniforms({done, done * run.perEpoch, run.epochs, run.steps()}, step);
    if (evaluation.atEnd)
      settings.uniforms({run.epochs, run.steps(), run.epochs, run.steps()}, step);
  }
}

} // namespace

void checkSchedules(const Manifest &manifest, Settings &settings, const Extent &run,
                    int64_t begin) {
  const Step &step = manifest.steps[manifest.train->step];
  int64_t stride = step.readsClock ? run.steps() / most + 1 : run.steps();
  for (int64_t i = begin; i < run.steps(); i += stride)
    settings.uniforms({i / run.perEpoch, i, run.epochs, run.steps()}, step);
  for (const Evaluation &evaluation : manifest.evaluations) {
    if (evaluation.every || evaluation.atEnd)
      checkEvaluation(manifest, evaluation, settings, run);
  }
}

void checkSets(Session &session, const Manifest &manifest, Settings &settings, Dataset &dataset,
               const std::vector<int64_t> &rows, const EvaluationOptions &how) {
  const Images &images = *dataset.split("train").images;
  for (const TrainingSet &set : manifest.train->sets) {
    SetUse use{set.membership, "`" + set.adversary + "`", "", "train"};
    requireMembers(session, manifest, use, images, rows.data(), int64_t(rows.size()), how.seed,
                   settings.uniforms(how.clock, manifest.steps[use.step]));
  }
  for (const Evaluation &evaluation : manifest.evaluations)
    if (evaluation.every || evaluation.atEnd)
      requireMembers(session, manifest, settings, dataset.split(evaluation.split), evaluation, how);
}

} // namespace advx::runtime
