// Elements in order, and running sums.

#include "runtime/library/OpSupport.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace advx::runtime;

namespace {

/// The first `count` of the items 0 to size - 1, in order, without memory of its own.
template <typename Item, typename Less>
void firstOf(int64_t *out, int64_t count, int64_t size, Item item, Less less) {
  for (int64_t i = 0; i < count; ++i)
    out[i] = item(i);
  if (count == size)
    return std::sort(out, out + count, less);
  std::make_heap(out, out + count, less);
  for (int64_t i = count; i < size; ++i)
    if (int64_t next = item(i); less(next, out[0])) {
      std::pop_heap(out, out + count, less);
      out[count - 1] = next;
      std::push_heap(out, out + count, less);
    }
  std::sort_heap(out, out + count, less);
}

/// A number that is in the order of the floats: zeros of both signs are one, a NaN is the largest.
uint32_t rankOf(float value) {
  if (std::isnan(value))
    return UINT32_MAX;
  value += 0.0F; // -0 becomes 0.
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits >> 31U ? ~bits : bits | 0x80000000U;
}

/// An item is the rank of the element above its place, so that one comparison decides ties, too.
void placesInOrder(int64_t *out, int64_t count, const float *in, int64_t size, bool ascending) {
  require(size <= int64_t(UINT32_MAX), "a vector is too long to be sorted");
  uint32_t flip = ascending ? 0 : UINT32_MAX;
  firstOf(
      out, count, size,
      [&](int64_t i) { return int64_t(uint64_t(rankOf(in[i]) ^ flip) << 32U | uint64_t(i)); },
      [](int64_t a, int64_t b) { return uint64_t(a) < uint64_t(b); });
  for (int64_t i = 0; i < count; ++i)
    out[i] &= UINT32_MAX;
}

void placesInOrder(int64_t *out, int64_t count, const double *in, int64_t size, bool ascending) {
  auto isBelow = [](double a, double b) { return a < b || (std::isnan(b) && !std::isnan(a)); };
  firstOf(
      out, count, size, [](int64_t i) { return i; },
      [&](int64_t a, int64_t b) {
        if (isBelow(in[a], in[b]))
          return ascending;
        return isBelow(in[b], in[a]) ? !ascending : a < b;
      });
}

} // namespace

/// i64 result[k] <- operand[n] {ascending}: places of the k largest elements, the largest first, or
/// of the smallest, the smallest first; the lower place first where elements are equal, a NaN
/// above all
ADVX_OP(order) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  int64_t count = rowSize(result), size = rowSize(operand);
  require(result.dtype == ADVX_I64 && result.rank == 1 && operand.rank == 1 && count <= size &&
              rowCount(result) == rowCount(operand),
          "wrong result shape");
  bool ascending = call.attributes[0] != 0;
  withFloat(operand, [&](auto zero) {
    using T = decltype(zero);
    // An element takes about as long as sixteen of a cheap loop.
    parallelFor(0, rowCount(operand), rowsPerChunk(16 * size), [&](int64_t first, int64_t last) {
      for (int64_t row = first; row < last; ++row)
        placesInOrder(dataOf<int64_t>(result) + row * count, count,
                      dataOf<const T>(operand) + row * size, size, ascending);
    });
  });
}

/// result <- operand {axis, from_end}: sums up to each place along axis, or from each place on
ADVX_OP(cumsum) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1];
  int64_t axis = call.attributes[0];
  bool fromEnd = call.attributes[1] != 0;
  require(axis >= 0 && axis < operand.rank && elementCount(result) == elementCount(operand),
          "wrong result shape");
  int64_t size = operand.dims[axis], inner = 1;
  for (int32_t i = int32_t(axis) + 1; i < operand.rank; ++i)
    inner *= operand.dims[i];
  if (elementCount(operand) == 0)
    return;
  withFloat(operand, [&](auto zero) {
    using T = decltype(zero);
    int64_t lines = elementCount(operand) / size;
    parallelFor(0, lines, rowsPerChunk(size), [&](int64_t first, int64_t last) {
      for (int64_t line = first; line < last; ++line) {
        int64_t base = line / inner * size * inner + line % inner;
        double sum = 0;
        for (int64_t i = 0; i < size; ++i) {
          int64_t at = base + (fromEnd ? size - 1 - i : i) * inner;
          sum += dataOf<T>(operand)[at];
          dataOf<T>(result)[at] = static_cast<T>(sum);
        }
      }
    });
  });
}
