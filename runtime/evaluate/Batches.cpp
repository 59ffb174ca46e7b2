#include "runtime/evaluate/Batches.h"

#include "runtime/core/Interrupt.h"
#include "runtime/data/BatchLoader.h"

#include <algorithm>

namespace advx::runtime {

void Batches::choose(const Attack &attack) {
  candidate = attack.candidate;
  if (attack.index)
    settings.choose(*attack.index, attack.indexValue);
}

void Batches::run(const Step &step, const std::vector<int64_t> &places, const Take &ran,
                  const Take &filled) {
  int64_t most = step.apart ? paddedBatch(session.maximumBatch()) : session.maximumBatch();
  auto batchAt = [&](size_t first) {
    Batch batch{first, std::min(size_t(most), places.size() - first), 0};
    batch.size = step.apart ? paddedBatch(int64_t(batch.count)) : int64_t(batch.count);
    return batch;
  };
  if (places.empty())
    return;
  BatchLoader loader(step, manifest.data, *split.images);
  auto prepare = [&](const Batch &batch) {
    std::vector<int64_t> rows;
    for (size_t i = 0; i < size_t(batch.size); ++i)
      rows.push_back(split.indices[size_t(places[batch.first + std::min(i, batch.count - 1)])]);
    loader.prepare({rows, rows});
  };
  prepare(batchAt(0));
  for (size_t first = 0; first < places.size();) {
    throwIfInterrupted();
    Batch batch = batchAt(first);
    first += batch.count;
    loader.fill(session);
    if (first < places.size())
      prepare(batchAt(first));
    if (filled)
      filled(batch);
    // An evaluation replays nothing: the number of the replay tells candidates apart.
    AdvxContext context{options.seed, split.code, 0, candidate, batch.size, nullptr};
    session.run(step, context, settings.uniforms(options.clock, step));
    ran(batch);
  }
}

} // namespace advx::runtime
