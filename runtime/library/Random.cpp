// Random draws: pure functions of the context, the draw's stream, the example's index and the loop
// counters. See runtime/core/Philox.h for the layout of keys.

#include "runtime/core/Philox.h"

#include "runtime/library/OpSupport.h"

#include <limits>

using namespace advx::runtime;

namespace {

/// result <- index (i64 []) {stream, number of counters, held}. Fills pairs of elements by
/// pairOf(stream, pair), rounded by `round`. A draw that is held, 1, is that of the first replay;
/// without the attribute it is not.
template <typename T, typename Pair, typename Round>
void drawAs(const OpCall &call, Pair pairOf, Round round) {
  const AdvxTensor &result = call.tensors[0], &index = call.tensors[1];
  require(index.dtype == ADVX_I64 && rowSize(index) == 1, "the index is not an i64 scalar");
  require(!index.batched || (result.batched && index.batch == result.batch),
          "index and result differ in batch");
  requireLength(call.counts.counters, "counters", call.attributes[1]);
  const bool held = call.counts.attributes > 2;
  if (held)
    requireLength(call.counts.attributes, "attributes", 3);
  require(!held || call.attributes[2] == 1, "a draw is held, 1, or says nothing of it");
  int64_t size = rowSize(result);
  DrawStream start(call.context->seed, static_cast<uint64_t>(call.attributes[0]), call.counters,
                   call.attributes[1]);
  parallelFor(0, rowCount(result), rowsPerChunk(8 * size), [&](int64_t begin, int64_t end) {
    DrawStream stream = start;
    for (int64_t row = begin; row < end; ++row) {
      stream.setExample(static_cast<uint64_t>(dataOf<int64_t>(index)[row * rowStride(index)]),
                        call.context->epoch, held ? 0 : call.context->replay,
                        static_cast<DrawKind>(call.context->split));
      T *out = dataOf<T>(result) + row * size;
      for (int64_t element = 0; element < size; element += 2) {
        std::pair<double, double> both = pairOf(stream, uint64_t(element) / 2);
        out[element] = round(both.first);
        if (element + 1 < size)
          out[element + 1] = round(both.second);
      }
    }
  });
}

/// The logarithm of a number with the gamma distribution of this shape: Marsaglia and Tsang (2000),
/// by attempts of two blocks each, and where the shape is below 1 the boost of it by U^(1 / shape).
/// An attempt fails one time in twenty at most, so that none of 32 succeeds once in 10^41 draws.
double logGamma(const DrawStream &stream, uint64_t draw, double shape) {
  const double raised = shape < 1 ? shape + 1 : shape;
  const double d = raised - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  double result = std::log(d);
  for (uint64_t attempt = 0; attempt < 32; ++attempt) {
    const uint64_t pair = (draw * 32 + attempt) * 2;
    const double x = stream.normalPair(pair).first;
    const auto [accepting, boost] = stream.uniformPair(pair + 1);
    const double root = 1 + c * x;
    if (root <= 0)
      continue;
    const double logV = 3 * std::log(root), v = root * root * root;
    if (std::log(1 - accepting) >= 0.5 * x * x + d - d * v + d * logV)
      continue;
    result = std::log(d) + logV;
    return shape < 1 ? result + std::log(1 - boost) / shape : result;
  }
  return result;
}

} // namespace

/// Uniform in [0, 1).
ADVX_OP(random_uniform) {
  withFloat(call.tensors[0], [&](auto zero) {
    using T = decltype(zero);
    drawAs<T>(
        call, [](const DrawStream &stream, uint64_t pair) { return stream.uniformPair(pair); },
        uniformAs<T>);
  });
}

/// Normal with mean 0 and variance 1; f32 is the f64 draw rounded.
ADVX_OP(random_normal) {
  withFloat(call.tensors[0], [&](auto zero) {
    using T = decltype(zero);
    drawAs<T>(
        call, [](const DrawStream &stream, uint64_t pair) { return stream.normalPair(pair); },
        [](double value) { return static_cast<T>(value); });
  });
}

/// Beta with the shapes of the two numbers, G_a / (G_a + G_b) of gamma draws, by logarithms: those
/// of small shapes are smaller than any double.
ADVX_OP(random_beta) {
  const double a = call.numbers[0], b = call.numbers[1];
  withFloat(call.tensors[0], [&](auto zero) {
    using T = decltype(zero);
    auto draw = [&](const DrawStream &stream, uint64_t element) {
      if (!(a > 0) || !(b > 0))
        return std::numeric_limits<double>::quiet_NaN();
      return 1 / (1 + std::exp(logGamma(stream, 2 * element + 1, b) -
                               logGamma(stream, 2 * element, a)));
    };
    drawAs<T>(
        call,
        [&](const DrawStream &stream, uint64_t pair) {
          return std::pair(draw(stream, 2 * pair), draw(stream, 2 * pair + 1));
        },
        [](double value) { return static_cast<T>(value); });
  });
}
