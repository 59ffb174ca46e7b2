#include "test/numerics/ops/OpTest.h"

#include "runtime/library/Ops.h"

#include <array>
#include <limits>

using namespace advx::test;
using at::Tensor;

namespace {

/// Sizes as {rows, columns}.
using Pair = std::array<int64_t, 2>;

struct Geometry {
  int64_t inC, outC;
  Pair size, kernel, stride, pad;

  int64_t outSize(int axis) const {
    return (size[axis] + 2 * pad[axis] - kernel[axis]) / stride[axis] + 1;
  }
};

/// Few channels and many, with and without rows that no window reaches, square and not.
constexpr Geometry geometries[] = {
    {1, 16, {28, 28}, {4, 4}, {2, 2}, {1, 1}}, {16, 32, {14, 14}, {4, 4}, {2, 2}, {1, 1}},
    {3, 8, {9, 9}, {3, 3}, {1, 1}, {1, 1}},    {2, 5, {8, 8}, {3, 3}, {2, 2}, {0, 0}},
    {4, 6, {7, 7}, {1, 1}, {1, 1}, {0, 0}},    {16, 16, {8, 8}, {3, 3}, {2, 2}, {1, 1}},
    {5, 1, {6, 6}, {5, 5}, {3, 3}, {2, 2}},    {16, 24, {9, 5}, {3, 2}, {1, 2}, {0, 1}},
    {3, 4, {5, 11}, {1, 4}, {2, 3}, {0, 2}}};

/// Whether a case is checked once more with an image that is not a number: whoever computes it, and
/// whatever follows in the same call, nothing else becomes one, and it stays one.
bool isForNaN(int64_t batch, bool batched) { return batched && batch == 7; }
Value withNaN(const Value &images) {
  Value result{images.data.clone(), images.batched};
  result.data[3].fill_(std::numeric_limits<double>::quiet_NaN());
  return result;
}

/// The example as LibTorch wants it, with a batch of one where there is none.
Tensor withBatch(const Tensor &x, bool batched) { return batched ? x : x.unsqueeze(0); }
Tensor withoutBatch(const Tensor &x, bool batched) { return batched ? x : x.squeeze(0); }

template <typename Body> void forGeometries(Body body) {
  for (at::ScalarType type : floatTypes)
    for (const Geometry &g : geometries)
      for (int64_t batch : batchSizes)
        for (bool batched : {false, true})
          body(g, batch, batched, type);
}

Case convolution(const Geometry &g, std::vector<Value> operands, bool resultBatched) {
  Case c;
  c.resultType = operands[0].data.scalar_type();
  c.resultBatched = resultBatched;
  c.operands = std::move(operands);
  c.attributes = {g.stride[0], g.stride[1], g.pad[0], g.pad[1]};
  return c;
}

Value images(const Geometry &g, int64_t batch, bool batched, at::ScalarType type) {
  return randomValue({g.inC, g.size[0], g.size[1]}, batch, batched, type);
}
Value outputs(const Geometry &g, int64_t batch, bool batched, at::ScalarType type) {
  return randomValue({g.outC, g.outSize(0), g.outSize(1)}, batch, batched, type);
}
Value weights(const Geometry &g, at::ScalarType type) {
  return {randomTensor({g.outC, g.inC, g.kernel[0], g.kernel[1]}, type), false};
}

void conv2d(OpTest &t) {
  forGeometries([&](const Geometry &g, int64_t batch, bool batched, at::ScalarType type) {
    Case c = convolution(g, {images(g, batch, batched, type), weights(g, type)}, batched);
    c.reference = [&](const std::vector<Tensor> &in) {
      return withoutBatch(at::conv2d(withBatch(in[0], batched), in[1], {}, g.stride, g.pad),
                          batched);
    };
    t.check(c);
    if (isForNaN(batch, batched)) {
      c.operands[0] = withNaN(c.operands[0]);
      t.check(c);
    }
  });
}

/// LibTorch's gradients of x and w for the cotangent `gy`.
std::tuple<Tensor, Tensor> gradients(const Geometry &g, const Tensor &gy, const Tensor &x,
                                     const Tensor &w) {
  auto [gx, gw, gb] = at::convolution_backward(gy, x, w, c10::nullopt, g.stride, g.pad, {1, 1},
                                               false, {0, 0}, 1, {true, true, false});
  return {gx, gw};
}

void conv2dInputGrad(OpTest &t) {
  forGeometries([&](const Geometry &g, int64_t batch, bool batched, at::ScalarType type) {
    Case c = convolution(g, {outputs(g, batch, batched, type), weights(g, type)}, batched);
    c.reference = [&](const std::vector<Tensor> &in) {
      Tensor gy = withBatch(in[0], batched);
      Tensor x = at::zeros({gy.size(0), g.inC, g.size[0], g.size[1]}, gy.options());
      return withoutBatch(std::get<0>(gradients(g, gy, x, in[1])), batched);
    };
    t.check(c);
    if (isForNaN(batch, batched)) {
      c.operands[0] = withNaN(c.operands[0]);
      t.check(c);
    }
  });
}

void conv2dWeightGrad(OpTest &t) {
  forGeometries([&](const Geometry &g, int64_t batch, bool batched, at::ScalarType type) {
    Case c =
        convolution(g, {images(g, batch, batched, type), outputs(g, batch, batched, type)}, false);
    c.reference = [&](const std::vector<Tensor> &in) {
      Tensor w = at::zeros({g.outC, g.inC, g.kernel[0], g.kernel[1]}, in[0].options());
      return std::get<1>(gradients(g, withBatch(in[1], batched), withBatch(in[0], batched), w));
    };
    t.check(c);
  });
}

constexpr Geometry pools[] = {{3, 3, {8, 8}, {2, 2}, {2, 2}, {0, 0}},
                              {4, 4, {9, 9}, {3, 3}, {2, 2}, {1, 1}},
                              {2, 2, {7, 7}, {3, 3}, {1, 1}, {1, 1}},
                              {1, 1, {6, 6}, {6, 6}, {6, 6}, {0, 0}},
                              {2, 2, {5, 9}, {2, 3}, {1, 2}, {1, 0}}};

template <typename Body> void forPools(Body body) {
  for (at::ScalarType type : floatTypes)
    for (const Geometry &g : pools)
      for (int64_t batch : batchSizes)
        for (bool batched : {false, true})
          body(g, batch, batched, type);
}

Case pooling(const Geometry &g, std::vector<Value> operands, at::ScalarType resultType) {
  Case c;
  c.resultType = resultType;
  c.resultBatched = operands[0].batched;
  c.operands = std::move(operands);
  c.attributes = {g.kernel[0], g.kernel[1], g.stride[0], g.stride[1], g.pad[0], g.pad[1]};
  return c;
}

/// LibTorch's (maxima, indices).
std::tuple<Tensor, Tensor> maxPool(const Geometry &g, const Tensor &x) {
  return at::max_pool2d_with_indices(x, g.kernel, g.stride, g.pad);
}

void maxPoolIndex(OpTest &t) {
  forPools([&](const Geometry &g, int64_t batch, bool batched, at::ScalarType type) {
    Value x = randomValue({g.inC, g.size[0], g.size[1]}, batch, batched, type, true);
    Case c = pooling(g, {x}, at::kLong);
    c.reference = [&](const std::vector<Tensor> &in) { return std::get<1>(maxPool(g, in[0])); };
    t.check(c);
  });
}

void windowGather(OpTest &t) {
  forPools([&](const Geometry &g, int64_t batch, bool batched, at::ScalarType type) {
    Value x = randomValue({g.inC, g.size[0], g.size[1]}, batch, batched, type, true);
    Tensor index = std::get<1>(maxPool(g, x.data)).contiguous();
    Case c = pooling(g, {x, {index, batched}}, type);
    c.attributes.clear(); // the index says it all
    c.reference = [&](const std::vector<Tensor> &in) { return std::get<0>(maxPool(g, in[0])); };
    t.check(c);
  });
}

void windowScatter(OpTest &t) {
  forPools([&](const Geometry &g, int64_t batch, bool batched, at::ScalarType type) {
    Value x = randomValue({g.inC, g.size[0], g.size[1]}, batch, batched, at::kDouble, true);
    Tensor index = std::get<1>(maxPool(g, x.data)).contiguous();
    Value grad = outputs(g, batch, batched, type);
    Case c = pooling(g, {grad, {index, batched}}, type);
    c.attributes.clear();
    c.reference = [&](const std::vector<Tensor> &in) {
      return at::max_pool2d_with_indices_backward(in[0], x.data, g.kernel, g.stride, g.pad, {1, 1},
                                                  false, in[1]);
    };
    t.check(c);
  });
}

void avgPool(OpTest &t) {
  forPools([&](const Geometry &g, int64_t batch, bool batched, at::ScalarType type) {
    Case c = pooling(g, {randomValue({g.inC, g.size[0], g.size[1]}, batch, batched, type)}, type);
    c.reference = [&](const std::vector<Tensor> &in) {
      return at::avg_pool2d(in[0], g.kernel, g.stride, g.pad);
    };
    t.check(c);
  });
}

void avgPoolGrad(OpTest &t) {
  forPools([&](const Geometry &g, int64_t batch, bool batched, at::ScalarType type) {
    Case c = pooling(g, {outputs(g, batch, batched, type)}, type);
    c.reference = [&](const std::vector<Tensor> &in) {
      std::vector<int64_t> shape = in[0].sizes().vec();
      shape[shape.size() - 2] = g.size[0];
      shape[shape.size() - 1] = g.size[1];
      Tensor x = at::zeros(shape, in[0].options());
      return at::avg_pool2d_backward(in[0], x, g.kernel, g.stride, g.pad, false, true,
                                     c10::nullopt);
    };
    t.check(c);
  });
}

void oneHot(OpTest &t) {
  for (int64_t batch : batchSizes)
    for (bool batched : {false, true}) {
      Case c;
      c.operands = {{batched ? at::randint(10, {batch}, at::TensorOptions(at::kLong))
                             : at::full({}, 3, at::TensorOptions(at::kLong)),
                     batched}};
      c.resultType = at::kBool;
      c.resultBatched = batched;
      c.reference = [](const std::vector<Tensor> &in) { return at::one_hot(in[0], 10); };
      t.check(c);
    }
  Case bad;
  bad.operands = {{at::full({}, 10, at::TensorOptions(at::kLong)), false}};
  bad.resultType = at::kBool;
  t.checkError(bad, {10}, "label 10 is not one of the 10 classes");
}

} // namespace

std::vector<OpEntry> advx::test::imageOps() {
  return {{"conv2d", advx_op_conv2d, conv2d},
          {"conv2d_input_grad", advx_op_conv2d_input_grad, conv2dInputGrad},
          {"conv2d_weight_grad", advx_op_conv2d_weight_grad, conv2dWeightGrad},
          {"max_pool_index", advx_op_max_pool_index, maxPoolIndex},
          {"window_gather", advx_op_window_gather, windowGather},
          {"window_scatter", advx_op_window_scatter, windowScatter},
          {"avg_pool2d", advx_op_avg_pool2d, avgPool},
          {"avg_pool2d_grad", advx_op_avg_pool2d_grad, avgPoolGrad},
          {"one_hot", advx_op_one_hot, oneHot}};
}
