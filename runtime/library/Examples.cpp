// The examples of a batch in another order.

#include "runtime/library/OpSupport.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace advx::runtime;

namespace {

/// The place that example `i` names.
int64_t placeOf(const AdvxTensor &places, int64_t i, int64_t batch) {
  int64_t place = dataOf<int64_t>(places)[i];
  if (place < 0 || place >= batch)
    throw std::out_of_range("place " + std::to_string(place) + " is not one of the " +
                            std::to_string(batch) + " examples of the batch");
  return place;
}

void requireMoved(const OpCall &call) {
  const AdvxTensor &result = call.tensors[0], &input = call.tensors[1], &places = call.tensors[2];
  require(places.dtype == ADVX_I64 && rowSize(places) == 1, "a place is not an i64 scalar");
  require(result.dtype == input.dtype && rowSize(result) == rowSize(input) &&
              rowCount(result) == rowCount(input) && rowCount(places) == rowCount(input),
          "the shapes do not fit");
}

} // namespace

/// i64 result[] <- key[]: the places of the examples in the order of their keys
ADVX_OP(order_examples) {
  const AdvxTensor &result = call.tensors[0], &keys = call.tensors[1];
  require(result.dtype == ADVX_I64 && rowSize(result) == 1 && rowSize(keys) == 1 &&
              rowCount(result) == rowCount(keys),
          "the shapes do not fit");
  withFloat(keys, [&](auto zero) {
    const auto *key = dataOf<decltype(zero)>(keys);
    auto *places = dataOf<int64_t>(result);
    for (int64_t i = 0; i < rowCount(result); ++i)
      places[i] = i;
    // NaN is above all, as in PyTorch.
    auto isBelow = [](auto a, auto b) { return a < b || (std::isnan(b) && !std::isnan(a)); };
    std::sort(places, places + rowCount(result), [&](int64_t a, int64_t b) {
      return isBelow(key[a], key[b]) || (!isBelow(key[b], key[a]) && a < b);
    });
  });
}

/// result[n] <- x[n], i64 place[]: example i is example place[i] of x
ADVX_OP(take_examples) {
  requireMoved(call);
  const AdvxTensor &result = call.tensors[0], &input = call.tensors[1], &places = call.tensors[2];
  const int64_t bytes = rowSize(input) * elementBytes(input);
  const int64_t batch = rowCount(input);
  for (int64_t i = 0; i < batch; ++i)
    std::memcpy(dataOf<char>(result) + i * bytes,
                dataOf<char>(input) + placeOf(places, i, batch) * bytes, size_t(bytes));
}

/// result[n] <- g[n], i64 place[]: example place[i] is the sum of the examples i of g
ADVX_OP(put_examples) {
  requireMoved(call);
  const AdvxTensor &result = call.tensors[0], &input = call.tensors[1], &places = call.tensors[2];
  const int64_t size = rowSize(input), batch = rowCount(input);
  withFloat(result, [&](auto zero) {
    using T = decltype(zero);
    T *out = dataOf<T>(result);
    std::fill(out, out + batch * size, T(0));
    for (int64_t i = 0; i < batch; ++i) {
      const T *from = dataOf<T>(input) + i * size;
      T *to = out + placeOf(places, i, batch) * size;
      for (int64_t element = 0; element < size; ++element)
        to[element] += from[element];
    }
  });
}
