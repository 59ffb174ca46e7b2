// Packs random buffers: none overlap while both are in use, offsets are aligned, and the area
// is near the least that any placement needs.

#include "compiler/codegen/plan/Pack.h"

#include <cstdio>
#include <random>

using namespace advx::codegen;

namespace {

int passed = 0;
int failed = 0;

void expect(bool holds, const char *what, unsigned seed) {
  (holds ? passed : failed)++;
  if (!holds)
    std::printf("seed %u: %s\n", seed, what);
}

void checkPlacement(const std::vector<PackItem> &items, int64_t length, int64_t alignment,
                    unsigned seed) {
  bool disjoint = true;
  bool aligned = true;
  bool inside = true;
  for (size_t i = 0; i < items.size(); ++i) {
    const PackItem &a = items[i];
    aligned &= a.offset % alignment == 0;
    inside &= a.offset >= 0 && a.offset + a.size <= length;
    for (size_t j = 0; j < i; ++j) {
      const PackItem &b = items[j];
      bool sameTime = a.begin <= b.end && b.begin <= a.end;
      bool samePlace = a.offset < b.offset + b.size && b.offset < a.offset + a.size;
      disjoint &= !(sameTime && samePlace);
    }
  }
  expect(disjoint, "two buffers in use together overlap", seed);
  expect(aligned, "an offset is not aligned", seed);
  expect(inside, "a buffer does not lie in the area", seed);
}

/// Lives like those of a forward and backward pass: most are short, those of activations
/// end in the reverse order of their begins.
std::vector<PackItem> randomItems(std::mt19937 &generator, bool nested) {
  std::vector<PackItem> items(1 + generator() % 60);
  for (size_t i = 0; i < items.size(); ++i) {
    auto position = static_cast<int64_t>(i);
    items[i].begin = position;
    bool saved = nested && generator() % 3 == 0;
    auto last = static_cast<int64_t>(2 * items.size());
    items[i].end = saved ? last - position : position + generator() % 5;
    items[i].size = 1 + generator() % 4000;
  }
  return items;
}

} // namespace

int main() {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 generator(seed);
    int64_t alignment = seed % 2 ? 64 : 4;
    std::vector<PackItem> items = randomItems(generator, seed % 3 != 0);
    int64_t length = pack(items, alignment);
    checkPlacement(items, length, alignment, seed);
    int64_t least = liveBytes(items, alignment);
    expect(length >= least, "the area is shorter than what is live at once", seed);
    expect(length <= least + least / 4, "the area is a quarter longer than needed", seed);
  }

  std::vector<PackItem> none;
  expect(pack(none, 64) == 0, "an empty plan needs no memory", 0);
  // One after the other in the same place; a third that lives with both beside them.
  std::vector<PackItem> three = {{0, 1, 100}, {2, 3, 100}, {0, 3, 10}};
  expect(pack(three, 4) == 112, "two buffers share their place", 0);
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
