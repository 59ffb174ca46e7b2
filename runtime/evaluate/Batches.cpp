#include "runtime/evaluate/Batches.h"

#include "runtime/core/Interrupt.h"

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
  Batch batch{0, 0, 0};
  for (; batch.first < places.size(); batch.first += batch.count) {
    throwIfInterrupted();
    batch.count = std::min(size_t(most), places.size() - batch.first);
    batch.size = step.apart ? paddedBatch(int64_t(batch.count)) : int64_t(batch.count);
    std::vector<int64_t> rows;
    for (size_t i = 0; i < size_t(batch.size); ++i)
      rows.push_back(split.indices[size_t(places[batch.first + std::min(i, batch.count - 1)])]);
    // Steps share the arena, so each needs its inputs anew.
    fillInputs(session, step, manifest.data, *split.images, rows.data(), batch.size);
    if (filled)
      filled(batch);
    // An evaluation replays nothing: the number of the replay tells candidates apart.
    AdvxContext context{options.seed, split.code, 0, candidate, batch.size, nullptr};
    session.run(step, context, settings.uniforms(options.clock, step));
    ran(batch);
  }
}

} // namespace advx::runtime
