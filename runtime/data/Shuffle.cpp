#include "runtime/data/Shuffle.h"

#include "runtime/core/Philox.h"

#include <utility>

namespace advx::runtime {

void shuffle(std::vector<int64_t> &items, std::string_view name, uint64_t seed, uint64_t epoch) {
  DrawStream stream(seed, streamHash(name), nullptr, 0);
  stream.setExample(0, epoch, 0, DrawKind::Train);
  for (size_t left = items.size(); left > 1; --left) {
    size_t chosen = size_t(stream.uniform(left) * double(left));
    std::swap(items[left - 1], items[chosen]);
  }
}

} // namespace advx::runtime
