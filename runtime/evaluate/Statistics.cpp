#include "runtime/evaluate/Statistics.h"

#include "runtime/core/Interrupt.h"
#include "runtime/data/BatchLoader.h"
#include "runtime/data/Shuffle.h"

#include <algorithm>

namespace advx::runtime {

std::optional<ModelResult> Statistics::prepare(const Evaluation &evaluation,
                                               const EvaluationOptions &options,
                                               Progress &progress) {
  if (!evaluation.with)
    return std::nullopt;
  const EvaluatedModel &model = *evaluation.with;
  if (!model.estimation)
    return ModelResult(model);
  auto [entry, isNew] = known.try_emplace(*model.estimation);
  if (isNew) {
    try {
      entry->second = estimate(model, options, progress);
    } catch (...) {
      known.erase(entry);
      throw;
    }
  }
  ModelResult result = entry->second;
  result.text = model.text;
  return result;
}

ModelResult Statistics::estimate(const EvaluatedModel &model, const EvaluationOptions &options,
                                 Progress &progress) {
  const Step &step = manifest.steps[*model.estimation];
  const Split &split = dataset.split("train");
  std::vector<int64_t> rows = split.indices;
  if (options.limit >= 0 && int64_t(rows.size()) > options.limit)
    rows.resize(size_t(options.limit));
  if (rows.empty())
    throw dataError("there is no training image to estimate the running statistics of `" +
                    model.text + "` on");
  shuffle(rows, "statistics", options.seed, 0);
  // A short last batch would count as much as a full one.
  const int64_t size = std::min(session.maximumBatch(), int64_t(rows.size()));
  ModelResult result(model);
  result.batches = int64_t(rows.size()) / size;
  result.images = result.batches * size;
  progress.begin(result.images, 0);
  BatchLoader loader(step, manifest.data, *split.images);
  auto prepare = [&](int64_t batch) {
    auto begin = rows.begin() + batch * size;
    loader.prepare({begin, begin + size});
  };
  prepare(0);
  for (int64_t batch = 0; batch < result.batches; ++batch) {
    throwIfInterrupted();
    loader.fill(session);
    if (batch + 1 < result.batches)
      prepare(batch + 1);
    if (const Slot *number = step.input("batch"))
      session.write(*number, size, &batch);
    session.run(step, {options.seed, split.code, 0, 0, size, nullptr},
                settings.uniforms(options.clock, step));
    progress.update((batch + 1) * size, "statistics of " + model.text + ", batch " +
                                            std::to_string(batch + 1) + "/" +
                                            std::to_string(result.batches));
  }
  progress.clear();
  return result;
}

} // namespace advx::runtime
