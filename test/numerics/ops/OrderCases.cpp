#include "test/numerics/ops/OpTest.h"

#include "runtime/library/Ops.h"

#include <limits>

using namespace advx::test;
using at::Tensor;

namespace {

/// Vectors with many equal elements, and some with zeros of both signs, infinities and NaN.
Value manyTies(int64_t size, int64_t batch, bool batched, at::ScalarType type, bool special) {
  Value value = randomValue({size}, batch, batched, type, true);
  if (special) {
    const double infinity = std::numeric_limits<double>::infinity();
    Tensor some = at::tensor(
        {0.0, -0.0, infinity, -infinity, -0.0, std::numeric_limits<double>::quiet_NaN()});
    value.data.narrow(-1, size / 2 - 3, 6).copy_(some.to(type));
  }
  return value;
}

void order(OpTest &t) {
  for (at::ScalarType type : floatTypes)
    for (int64_t batch : {1, 7, 129})
      for (bool batched : {false, true})
        for (bool special : {false, true})
          for (auto [size, count] :
               {std::pair<int64_t, int64_t>{10, 10}, {10, 3}, {97, 96}, {6, 1}})
            for (bool ascending : {false, true}) {
              Case c;
              c.operands = {manyTies(size, batch, batched, type, special)};
              c.attributes = {ascending};
              c.resultType = at::kLong;
              c.resultBatched = batched;
              c.reference = [&, count = count](const std::vector<Tensor> &in) {
                auto sorted = at::sort(in[0], /*stable=*/true, -1, /*descending=*/!ascending);
                return std::get<1>(sorted).narrow(-1, 0, count);
              };
              t.check(c);
            }
}

void cumsum(OpTest &t) {
  for (at::ScalarType type : floatTypes)
    for (int64_t batch : batchSizes)
      for (bool batched : {false, true})
        for (int64_t axis = 0; axis < 3; ++axis)
          for (bool fromEnd : {false, true}) {
            Case c;
            c.operands = {randomValue({4, 33, 5}, batch, batched, type)};
            c.attributes = {axis, fromEnd};
            c.resultType = type;
            c.resultBatched = batched;
            c.reference = [&](const std::vector<Tensor> &in) {
              int64_t along = axis + batched;
              return fromEnd ? in[0].flip({along}).cumsum(along).flip({along})
                             : in[0].cumsum(along);
            };
            t.check(c);
          }
}

void iota(OpTest &t) {
  for (at::ScalarType type : floatTypes)
    for (int64_t size : {1, 32}) {
      Case c;
      c.resultType = type;
      c.reference = [&](const std::vector<Tensor> &) {
        return at::arange(size, at::TensorOptions(at::kDouble));
      };
      t.check(c);
    }
}

void orderExamples(OpTest &t) {
  for (at::ScalarType type : floatTypes)
    for (int64_t batch : batchSizes)
      for (bool special : {false, true}) {
        Case c;
        Tensor keys = manyTies(std::max<int64_t>(batch, 6), 1, false, type, special).data;
        c.operands = {{keys.narrow(0, 0, batch).contiguous(), true}};
        c.resultType = at::kLong;
        c.resultBatched = true;
        c.reference = [](const std::vector<Tensor> &in) {
          return std::get<1>(at::sort(in[0], /*stable=*/true, 0, /*descending=*/false));
        };
        t.check(c);
      }
}

/// Places of a batch: some twice, some never.
Value places(int64_t batch) {
  return {at::randint(batch, {batch}, at::TensorOptions(at::kLong)), true};
}

/// Moves examples of several shapes to places, or from them.
void moveExamples(OpTest &t, const decltype(Case::reference) &reference) {
  for (at::ScalarType type : floatTypes)
    for (int64_t batch : batchSizes)
      for (std::vector<int64_t> shape : {std::vector<int64_t>{}, {5}, {3, 7, 2}}) {
        Case c;
        c.operands = {randomValue(shape, batch, true, type), places(batch)};
        c.resultType = type;
        c.resultBatched = true;
        c.reference = reference;
        t.check(c);
      }
}

void takeExamples(OpTest &t) {
  moveExamples(t, [](const std::vector<Tensor> &in) { return in[0].index_select(0, in[1]); });
  Case outside;
  outside.operands = {randomValue({5}, 7, true, at::kFloat), places(7)};
  outside.operands[1].data[3] = 7;
  outside.resultType = at::kFloat;
  outside.resultBatched = true;
  t.checkError(outside, {7, 5}, "place 7 is not one of the 7 examples of the batch");
}

void putExamples(OpTest &t) {
  moveExamples(t, [](const std::vector<Tensor> &in) {
    return at::zeros_like(in[0]).index_add(0, in[1], in[0]);
  });
}

} // namespace

std::vector<OpEntry> advx::test::orderOps() {
  return {{"order", advx_op_order, order},
          {"cumsum", advx_op_cumsum, cumsum},
          {"iota", advx_op_iota, iota},
          {"order_examples", advx_op_order_examples, orderExamples},
          {"take_examples", advx_op_take_examples, takeExamples},
          {"put_examples", advx_op_put_examples, putExamples}};
}
