#include "compiler/codegen/plan/Pack.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

namespace advx::codegen {
namespace {

int64_t roundUp(int64_t value, int64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

enum class Order { size, begin, area };
enum class Fit { first, best };

/// Places the items in the given order, each in a gap between those already
/// placed that are in use at the same time.
int64_t place(std::vector<PackItem> &items, int64_t alignment, Order order, Fit fit) {
  std::vector<size_t> sequence(items.size());
  std::iota(sequence.begin(), sequence.end(), size_t{0});
  auto area = [&](size_t i) { return items[i].size * (items[i].end - items[i].begin + 1); };
  std::stable_sort(sequence.begin(), sequence.end(), [&](size_t a, size_t b) {
    if (order == Order::begin)
      return items[a].begin < items[b].begin;
    if (order == Order::area)
      return area(a) > area(b);
    return items[a].size > items[b].size;
  });

  std::vector<size_t> placed; // by offset
  int64_t length = 0;
  for (size_t i : sequence) {
    PackItem &item = items[i];
    int64_t size = roundUp(item.size, alignment);
    int64_t cursor = 0;
    int64_t chosen = -1;
    int64_t waste = std::numeric_limits<int64_t>::max();
    for (size_t j : placed) {
      const PackItem &other = items[j];
      if (other.begin > item.end || item.begin > other.end)
        continue;
      int64_t gap = other.offset - cursor;
      if (gap >= size && gap - size < waste) {
        chosen = cursor;
        waste = gap - size;
        if (fit == Fit::first)
          break;
      }
      cursor = std::max(cursor, other.offset + roundUp(other.size, alignment));
    }
    item.offset = chosen < 0 ? cursor : chosen;
    length = std::max(length, item.offset + size);
    auto at = std::upper_bound(placed.begin(), placed.end(), i, [&](size_t a, size_t b) {
      return items[a].offset < items[b].offset;
    });
    placed.insert(at, i);
  }
  return length;
}

} // namespace

int64_t liveBytes(const std::vector<PackItem> &items, int64_t alignment) {
  std::map<int64_t, int64_t> change;
  for (const PackItem &item : items) {
    change[item.begin] += roundUp(item.size, alignment);
    change[item.end + 1] -= roundUp(item.size, alignment);
  }
  int64_t now = 0;
  int64_t most = 0;
  for (auto &[position, bytes] : change) {
    now += bytes;
    most = std::max(most, now);
  }
  return most;
}

int64_t pack(std::vector<PackItem> &items, int64_t alignment) {
  int64_t bound = liveBytes(items, alignment);
  int64_t shortest = std::numeric_limits<int64_t>::max();
  std::vector<PackItem> best;
  for (Order order : {Order::size, Order::area, Order::begin}) {
    for (Fit fit : {Fit::best, Fit::first}) {
      std::vector<PackItem> attempt = items;
      int64_t length = place(attempt, alignment, order, fit);
      if (length < shortest) {
        shortest = length;
        best = std::move(attempt);
      }
      if (shortest == bound)
        break;
    }
    if (shortest == bound)
      break;
  }
  items = std::move(best);
  return items.empty() ? 0 : shortest;
}

} // namespace advx::codegen
