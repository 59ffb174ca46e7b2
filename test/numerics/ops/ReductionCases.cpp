#include "test/numerics/ops/OpTest.h"

#include "runtime/library/Ops.h"

#include <limits>

using namespace advx::test;
using at::Tensor;

namespace {

const std::vector<std::vector<int64_t>> axisSets = {{0},    {1},    {2},       {0, 1},
                                                    {1, 2}, {0, 2}, {0, 1, 2}, {}};

/// Calls body(case, axes in the tensor) for axis sets, types and batches.
template <typename Body> void forAxes(bool ties, Body body) {
  for (at::ScalarType type : floatTypes)
    for (int64_t batch : batchSizes)
      for (bool batched : {false, true})
        for (const std::vector<int64_t> &axes : axisSets) {
          Case c;
          c.operands = {randomValue({4, 5, 6}, batch, batched, type, ties)};
          c.attributes = {int64_t(axes.size())};
          std::vector<int64_t> shifted;
          for (int64_t axis : axes) {
            c.attributes.push_back(axis);
            shifted.push_back(axis + batched);
          }
          c.resultType = type;
          c.resultBatched = batched;
          body(c, shifted);
        }
}

void reduceSum(OpTest &t) {
  forAxes(false, [&](Case &c, std::vector<int64_t> axes) {
    c.reference = [=](const std::vector<Tensor> &in) {
      return axes.empty() ? in[0] : in[0].sum(axes);
    };
    t.check(c);
  });
  // Long enough for several tiles.
  for (at::ScalarType type : floatTypes) {
    Case c;
    c.operands = {randomValue({300, 1001}, 1, false, type)};
    c.attributes = {2, 0, 1};
    c.resultType = type;
    c.reference = [](const std::vector<Tensor> &in) { return in[0].sum(); };
    t.check(c);
  }
}

void reduceMax(OpTest &t) {
  forAxes(true, [&](Case &c, std::vector<int64_t> axes) {
    c.reference = [=](const std::vector<Tensor> &in) {
      return axes.empty() ? in[0] : at::amax(in[0], axes);
    };
    t.check(c);
  });
  Case c;
  c.operands = {{at::tensor({1.0, std::numeric_limits<double>::quiet_NaN(), 3.0}), false}};
  c.operands[0].data = c.operands[0].data.to(at::kFloat);
  c.attributes = {1, 0};
  c.reference = [](const std::vector<Tensor> &in) { return at::amax(in[0], {0}); };
  t.check(c);
}

/// Moves `axes` to the end and flattens them, so that the first maximum is an argmax.
Tensor firstMaxMask(const Tensor &x, const std::vector<int64_t> &axes) {
  std::vector<int64_t> order;
  for (int64_t axis = 0; axis < x.dim(); ++axis)
    if (std::find(axes.begin(), axes.end(), axis) == axes.end())
      order.push_back(axis);
  order.insert(order.end(), axes.begin(), axes.end());
  std::vector<int64_t> inverse(order.size());
  for (size_t i = 0; i < order.size(); ++i)
    inverse[order[i]] = int64_t(i);
  Tensor moved = x.permute(order).contiguous();
  int64_t reduced = 1;
  for (int64_t axis : axes)
    reduced *= x.size(axis);
  Tensor flat = moved.reshape({-1, reduced});
  // The lowest index among the maxima.
  Tensor isMax = flat == flat.amax(1, true);
  Tensor rank = at::arange(reduced, at::TensorOptions(at::kLong)).expand_as(isMax);
  Tensor first = at::where(isMax, rank, at::full_like(rank, reduced)).amin(1, true);
  return (rank == first).reshape(moved.sizes()).permute(inverse);
}

void firstMaxMaskCases(OpTest &t) {
  forAxes(true, [&](Case &c, std::vector<int64_t> axes) {
    c.resultType = at::kBool;
    c.reference = [=](const std::vector<Tensor> &in) { return firstMaxMask(in[0], axes); };
    t.check(c);
  });
}

void argmax(OpTest &t) {
  for (at::ScalarType type : floatTypes)
    for (int64_t batch : batchSizes)
      for (bool batched : {false, true}) {
        Case c;
        c.operands = {randomValue({10}, batch, batched, type, true)};
        c.resultType = at::kLong;
        c.resultBatched = batched;
        c.reference = [&](const std::vector<Tensor> &in) {
          return firstMaxMask(in[0], {int64_t(batched)}).to(at::kLong).argmax(batched);
        };
        t.check(c);
      }
}

void batchSum(OpTest &t) {
  for (at::ScalarType type : floatTypes)
    for (int64_t batch : batchSizes)
      for (const std::vector<int64_t> &shape :
           {std::vector<int64_t>{}, std::vector<int64_t>{10}, std::vector<int64_t>{16, 14, 14}}) {
        Case c;
        c.operands = {randomValue(shape, batch, true, type)};
        c.resultType = type;
        c.reference = [](const std::vector<Tensor> &in) { return in[0].sum(0); };
        t.check(c);
      }
}

void batchBroadcast(OpTest &t) {
  for (at::ScalarType type : {at::kFloat, at::kDouble, at::kLong, at::kBool})
    for (int64_t batch : batchSizes)
      for (const std::vector<int64_t> &shape :
           {std::vector<int64_t>{}, std::vector<int64_t>{10}, std::vector<int64_t>{16, 14, 14}}) {
        Case c;
        c.operands = {randomValue(shape, batch, false, type, true),
                      randomValue({2}, batch, true, at::kFloat)};
        c.resultType = type;
        c.resultBatched = true;
        c.reference = [&](const std::vector<Tensor> &in) {
          std::vector<int64_t> full = shape;
          full.insert(full.begin(), batch);
          return in[0].expand(full);
        };
        t.check(c);
      }
}

} // namespace

std::vector<OpEntry> advx::test::reductionOps() {
  return {{"reduce_sum", advx_op_reduce_sum, reduceSum},
          {"reduce_max", advx_op_reduce_max, reduceMax},
          {"first_max_mask", advx_op_first_max_mask, firstMaxMaskCases},
          {"argmax", advx_op_argmax, argmax},
          {"batch_sum", advx_op_batch_sum, batchSum},
          {"batch_broadcast", advx_op_batch_broadcast, batchBroadcast}};
}
