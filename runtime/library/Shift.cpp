// Elements moved by an amount that each example has of its own.

#include "runtime/library/OpSupport.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace advx::runtime;

namespace {

/// An example as `outer` times `size` places along the axis times `inner` elements.
struct AxisWalk {
  int64_t outer = 1, size, inner = 1;

  AxisWalk(const AdvxTensor &tensor, int64_t axis) : size(tensor.dims[axis]) {
    for (int32_t i = 0; i < tensor.rank; ++i)
      (i < axis ? outer : inner) *= i == axis ? 1 : tensor.dims[i];
  }
};

/// The amount as places of the axis; beyond it, and for NaN, all of them.
int64_t placesOf(double amount, int64_t size) {
  if (std::isnan(amount))
    return size;
  auto limit = static_cast<double>(size);
  return std::llrint(std::min(std::max(amount, -limit), limit));
}

template <typename T>
void moveRow(T *out, const T *in, const AxisWalk &walk, int64_t places, T otherwise) {
  int64_t begin = std::max<int64_t>(places, 0), end = std::min(walk.size + places, walk.size);
  for (int64_t o = 0; o < walk.outer;
       ++o, out += walk.size * walk.inner, in += walk.size * walk.inner) {
    std::fill(out, out + begin * walk.inner, otherwise);
    std::copy(in + (begin - places) * walk.inner, in + (end - places) * walk.inner,
              out + begin * walk.inner);
    std::fill(out + end * walk.inner, out + walk.size * walk.inner, otherwise);
  }
}

} // namespace

/// result <- operand, amount[] {axis}: place i along axis is place i - amount of the operand, the
/// amount rounded to the nearest whole number, a half to the even one; 0 where there is none, NaN
/// everywhere where the amount is
ADVX_OP(shift) {
  const AdvxTensor &result = call.tensors[0], &operand = call.tensors[1], &amount = call.tensors[2];
  int64_t axis = call.attributes[0];
  require(result.rank == operand.rank && axis >= 0 && axis < result.rank &&
              rowSize(result) == rowSize(operand) && result.dtype == operand.dtype,
          "operand and result differ in shape or type");
  require(rowSize(amount) == 1, "an amount is one number");
  for (const AdvxTensor *tensor : {&operand, &amount})
    require(!tensor->batched || (result.batched && result.batch == tensor->batch),
            "operand and result differ in batch");
  AxisWalk walk(result, axis);
  withFloat(amount, [&](auto number) {
    withType(result, [&](auto zero) {
      using T = decltype(zero);
      parallelFor(
          0, rowCount(result), rowsPerChunk(rowSize(result)), [&](int64_t first, int64_t last) {
            for (int64_t row = first; row < last; ++row) {
              auto by =
                  static_cast<double>(dataOf<decltype(number)>(amount)[row * rowStride(amount)]);
              T *out = dataOf<T>(result) + row * rowStride(result);
              // Of integers the NaN is 0.
              moveRow(out, dataOf<const T>(operand) + row * rowStride(operand), walk,
                      placesOf(by, walk.size),
                      std::isnan(by) ? std::numeric_limits<T>::quiet_NaN() : T(0));
            }
          });
    });
  });
}
