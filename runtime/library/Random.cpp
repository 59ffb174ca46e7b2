// Random draws: pure functions of the context, the draw's stream, the example's index and the loop
// counters. See runtime/core/Philox.h for the layout of keys.

#include "runtime/core/Philox.h"

#include "runtime/library/OpSupport.h"

using namespace advx::runtime;

namespace {

/// result <- index (i64 []) {stream, number of counters}. Fills pairs of elements by
/// pairOf(stream, pair), rounded by `round`.
template <typename T, typename Pair, typename Round>
void drawAs(const OpCall &call, Pair pairOf, Round round) {
  const AdvxTensor &result = call.tensors[0], &index = call.tensors[1];
  require(index.dtype == ADVX_I64 && rowSize(index) == 1, "the index is not an i64 scalar");
  require(!index.batched || (result.batched && index.batch == result.batch),
          "index and result differ in batch");
  requireLength(call.counts.counters, "counters", call.attributes[1]);
  int64_t size = rowSize(result);
  DrawStream start(call.context->seed, static_cast<uint64_t>(call.attributes[0]), call.counters,
                   call.attributes[1]);
  parallelFor(0, rowCount(result), rowsPerChunk(8 * size), [&](int64_t begin, int64_t end) {
    DrawStream stream = start;
    for (int64_t row = begin; row < end; ++row) {
      stream.setExample(static_cast<uint64_t>(dataOf<int64_t>(index)[row * rowStride(index)]),
                        call.context->epoch, call.context->replay,
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
