#include "test/numerics/ops/OpTest.h"

#include "runtime/library/Ops.h"

#include <cmath>
#include <limits>

using namespace advx::test;
using at::Tensor;

namespace {

constexpr at::ScalarType anyTypes[] = {at::kFloat, at::kDouble, at::kLong, at::kBool};

/// Calls body(batch, batched, type) for every batch and element type.
template <typename Body> void forAll(Body body) {
  for (at::ScalarType type : anyTypes)
    for (int64_t batch : batchSizes)
      for (bool batched : {false, true})
        body(batch, batched, type);
}

Case moving(std::vector<Value> operands, std::vector<int64_t> attributes) {
  Case c;
  c.resultType = operands[0].data.scalar_type();
  c.resultBatched = operands[0].batched;
  c.operands = std::move(operands);
  c.attributes = std::move(attributes);
  return c;
}

void copy(OpTest &t) {
  forAll([&](int64_t batch, bool batched, at::ScalarType type) {
    for (const std::vector<int64_t> &shape :
         {std::vector<int64_t>{}, std::vector<int64_t>{3, 5}, std::vector<int64_t>{16, 14, 14}}) {
      Case c = moving({randomValue(shape, batch, batched, type, true)}, {});
      c.reference = [](const std::vector<Tensor> &in) { return in[0]; };
      t.check(c);
    }
  });
}

void reshape(OpTest &t) {
  forAll([&](int64_t batch, bool batched, at::ScalarType type) {
    Case c = moving({randomValue({4, 3, 5}, batch, batched, type, true)}, {});
    c.reference = [&](const std::vector<Tensor> &in) {
      return batched ? in[0].reshape({batch, 12, 5}) : in[0].reshape({12, 5});
    };
    t.check(c);
  });
}

void broadcast(OpTest &t) {
  forAll([&](int64_t batch, bool batched, at::ScalarType type) {
    // A channel to an image, a row to a matrix, a number to a vector, a matrix to itself.
    struct {
      std::vector<int64_t> from, axes, aligned, to;
    } const cases[] = {{{6}, {0}, {6, 1, 1}, {6, 4, 5}},
                       {{5}, {1}, {1, 5}, {3, 5}},
                       {{}, {}, {1}, {9}},
                       {{3, 5}, {0, 2}, {3, 1, 5}, {3, 4, 5}},
                       {{3, 5}, {0, 1}, {3, 5}, {3, 5}}};
    for (const auto &sizes : cases) {
      Case c = moving({randomValue(sizes.from, batch, batched, type, true)}, sizes.axes);
      c.reference = [&](const std::vector<Tensor> &in) {
        std::vector<int64_t> middle = sizes.aligned, full = sizes.to;
        if (batched) {
          middle.insert(middle.begin(), batch);
          full.insert(full.begin(), batch);
        }
        return in[0].reshape(middle).expand(full);
      };
      t.check(c);
    }
  });
}

void transpose(OpTest &t) {
  forAll([&](int64_t batch, bool batched, at::ScalarType type) {
    for (const std::vector<int64_t> &permutation :
         {std::vector<int64_t>{0, 1, 2}, std::vector<int64_t>{2, 1, 0},
          std::vector<int64_t>{1, 2, 0}, std::vector<int64_t>{0, 2, 1}}) {
      Case c = moving({randomValue({3, 4, 5}, batch, batched, type, true)}, permutation);
      c.reference = [&](const std::vector<Tensor> &in) {
        std::vector<int64_t> axes = permutation;
        if (batched) {
          for (int64_t &axis : axes)
            ++axis;
          axes.insert(axes.begin(), 0);
        }
        return in[0].permute(axes);
      };
      t.check(c);
    }
  });
}

void slice(OpTest &t) {
  forAll([&](int64_t batch, bool batched, at::ScalarType type) {
    for (int64_t axis = 0; axis < 3; ++axis)
      for (int64_t begin : {0, 1, 2}) {
        Case c = moving({randomValue({4, 5, 6}, batch, batched, type, true)}, {axis, begin});
        c.reference = [&](const std::vector<Tensor> &in) {
          return in[0].narrow(axis + batched, begin, 2);
        };
        t.check(c);
      }
  });
}

void padSlice(OpTest &t) {
  forAll([&](int64_t batch, bool batched, at::ScalarType type) {
    for (int64_t axis = 0; axis < 3; ++axis)
      for (int64_t begin : {0, 1, 3}) {
        Case c = moving({randomValue({4, 5, 6}, batch, batched, type, true)}, {axis, begin});
        c.reference = [&](const std::vector<Tensor> &in) {
          std::vector<int64_t> shape = in[0].sizes().vec();
          shape[axis + batched] = 9;
          Tensor out = at::zeros(shape, in[0].options());
          out.narrow(axis + batched, begin, in[0].size(axis + batched)).copy_(in[0]);
          return out;
        };
        t.check(c);
      }
  });
}

void concat(OpTest &t) {
  forAll([&](int64_t batch, bool batched, at::ScalarType type) {
    for (int64_t axis = 0; axis < 2; ++axis) {
      auto part = [&](int64_t size) {
        std::vector<int64_t> shape = {3, 4};
        shape[axis] = size;
        return randomValue(shape, batch, batched, type, true);
      };
      Case c = moving({part(1), part(4), part(2)}, {3, axis});
      c.reference = [&](const std::vector<Tensor> &in) { return at::cat(in, axis + batched); };
      t.check(c);
    }
    // One operand that all examples share.
    Case c = moving(
        {randomValue({3}, batch, true, type, true), randomValue({2}, batch, false, type, true)},
        {2, 0});
    c.reference = [&](const std::vector<Tensor> &in) {
      return at::cat({in[0], in[1].expand({batch, 2})}, 1);
    };
    t.check(c);
  });
}

void reverse(OpTest &t) {
  forAll([&](int64_t batch, bool batched, at::ScalarType type) {
    for (int64_t axis = 0; axis < 3; ++axis) {
      Case c = moving({randomValue({4, 5, 6}, batch, batched, type, true)}, {axis});
      c.reference = [&](const std::vector<Tensor> &in) { return in[0].flip({axis + batched}); };
      t.check(c);
    }
  });
}

/// By definition, place by place.
Tensor shifted(const Tensor &x, double amount, int64_t axis) {
  Tensor out = at::zeros_like(x);
  if (std::isnan(amount))
    return x.is_floating_point() ? out.fill_(amount) : out;
  for (int64_t i = 0; i < x.size(axis); ++i) {
    double from = double(i) - std::nearbyint(amount);
    if (from >= 0 && from < double(x.size(axis)))
      out.select(axis, i).copy_(x.select(axis, int64_t(from)));
  }
  return out;
}

void shift(OpTest &t) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Tensor amounts = at::tensor({0.0, 1.0, -2.0, 3.0, 2.5, -1.5, 0.5, 7.0, -1e30, nan, 1e30, -4.0});
  forAll([&](int64_t batch, bool batched, at::ScalarType type) {
    for (bool same : {false, true})
      for (int64_t axis = 0; axis < 3; ++axis) {
        at::ScalarType number = type == at::kDouble ? at::kDouble : at::kFloat;
        Tensor by = amounts.roll({axis}).repeat({11}).narrow(0, 0, batch).to(number);
        Case c = moving({randomValue({4, 3, 5}, batch, batched, type, true),
                         same ? Value{by[0], false} : Value{by, true}},
                        {axis});
        c.resultBatched = batched || !same;
        c.reference = [&](const std::vector<Tensor> &in) {
          if (same)
            return shifted(in[0], in[1].item<double>(), axis + batched);
          std::vector<Tensor> rows;
          for (int64_t row = 0; row < batch; ++row)
            rows.push_back(shifted(batched ? in[0][row] : in[0], in[1][row].item<double>(), axis));
          return at::stack(rows);
        };
        t.check(c);
      }
  });
}

} // namespace

std::vector<OpEntry> advx::test::shapeOps() {
  return {{"copy", advx_op_copy, copy},
          {"stop_gradient", advx_op_stop_gradient, copy},
          {"reshape", advx_op_reshape, reshape},
          {"broadcast", advx_op_broadcast, broadcast},
          {"transpose", advx_op_transpose, transpose},
          {"slice", advx_op_slice, slice},
          {"pad_slice", advx_op_pad_slice, padSlice},
          {"concat", advx_op_concat, concat},
          {"reverse", advx_op_reverse, reverse},
          {"shift", advx_op_shift, shift}};
}
