#include "runtime/data/TrainingOrder.h"

#include "runtime/core/Error.h"
#include "runtime/core/Numbers.h"
#include "runtime/data/Shuffle.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace advx::runtime {

namespace {

/// Shares are rounded decimals: what is nearer than this to a whole number is it.
constexpr double slack = 1e-9;

} // namespace

TrainingOrder::TrainingOrder(std::vector<Part> parts, const Extent &extent, uint64_t seed)
    : batchSize(extent.batch), perEpoch(extent.epoch.value_or(int64_t(parts[0].images.size()))),
      seed(seed), isPlain(parts.size() == 1 && !extent.epoch) {
  batchCount = extent.dropLast ? perEpoch / batchSize : (perEpoch + batchSize - 1) / batchSize;
  double sum = 0;
  std::string shown;
  for (Part &part : parts) {
    sum += part.share;
    shown += (shown.empty() ? "" : " + ") + formatNumber(part.share);
    Stream &stream = streams.emplace_back();
    stream.part = std::move(part);
  }
  if (!(std::abs(sum - 1) <= slack))
    throw usageError("the shares of the data add up to " + formatNumber(sum) + " (" + shown +
                         "), expected 1",
                     "set the shares of all parts, data.NAME.share; info shows them");
  for (const Stream &stream : streams)
    if (streams.size() > 1 && stream.part.share * double(batchSize) < 1 - slack)
      throw usageError("the share of `" + stream.part.name + "`, " +
                           formatNumber(stream.part.share) +
                           ", is less than one image of a batch of " + std::to_string(batchSize),
                       "raise the share or data.batch");
  const int64_t whole = perEpoch / batchSize, rest = perEpoch % batchSize;
  const std::vector<int64_t> full = quotas(batchSize), last = quotas(rest);
  int64_t keys = 0;
  for (const Stream &stream : streams)
    keys = std::max(keys, stream.part.end);
  for (size_t i = 0; i < streams.size(); ++i) {
    Stream &stream = streams[i];
    stream.perEpoch = whole * full[i] + (extent.dropLast ? 0 : last[i]);
    stream.keys = keys;
    // An epoch that begins inside a pass meets one pass more.
    const auto count = int64_t(stream.part.images.size());
    keys += (stream.perEpoch + count - 1) / count * (stream.part.end - stream.part.begin);
  }
}

int64_t TrainingOrder::sizeOf(int64_t batch) const {
  return std::min(batchSize, perEpoch - batch * batchSize);
}

std::vector<int64_t> TrainingOrder::quotas(int64_t size) const {
  std::vector<int64_t> counts;
  std::vector<int64_t> fractions; ///< in units of the slack, so that equal ones are equal
  for (const Stream &stream : streams) {
    const double ideal = stream.part.share * double(size);
    counts.push_back(int64_t(std::floor(ideal + slack)));
    fractions.push_back(std::llround((ideal - double(counts.back())) / slack));
  }
  std::vector<size_t> order(counts.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return fractions[a] > fractions[b]; });
  int64_t left = size - std::accumulate(counts.begin(), counts.end(), int64_t(0));
  for (size_t i = 0; left > 0; i = (i + 1) % order.size(), --left)
    ++counts[order[i]];
  return counts;
}

Rows TrainingOrder::rows(int64_t epoch, int64_t batch) {
  const std::vector<int64_t> full = quotas(batchSize), now = quotas(sizeOf(batch));
  Rows result;
  for (size_t i = 0; i < streams.size(); ++i)
    take(i, epoch, batch * full[i], now[i], result);
  return result;
}

void TrainingOrder::take(size_t index, int64_t epoch, int64_t first, int64_t count, Rows &rows) {
  const Stream &stream = streams[index];
  const auto images = int64_t(stream.part.images.size());
  const int64_t begin = isPlain ? epoch * images : epoch * stream.perEpoch;
  for (int64_t at = begin + first; at < begin + first + count; ++at) {
    const int64_t number = at / images, again = number - begin / images;
    const int64_t image = pass(index, number)[size_t(at % images)];
    const int64_t own = image - stream.part.begin, all = stream.part.end - stream.part.begin;
    rows.images.push_back(image);
    rows.keys.push_back(again == 0 ? image : stream.keys + (again - 1) * all + own);
  }
}

const std::vector<int64_t> &TrainingOrder::pass(size_t index, int64_t pass) {
  Stream &stream = streams[index];
  if (stream.pass != pass) {
    stream.order = stream.part.images;
    const std::string name = "shuffle" + (index > 0 ? "." + std::to_string(index + 1) : "");
    shuffle(stream.order, name, seed, uint64_t(pass));
    stream.pass = pass;
  }
  return stream.order;
}

} // namespace advx::runtime
