// Times every provider of convolutions and matrix products on the layers of the shipped small
// networks, channels last, and prints GFLOP/s beside each other: what the rules of
// dialect/Transforms/AssignProviders.cpp rest on. Usage: bench-providers [THREADS] [BATCH]
// [f32|f64]

#include "runtime/core/OpErrors.h"
#include "runtime/core/Profile.h"
#include "runtime/core/ThreadPool.h"
#include "runtime/library/Ops.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

using namespace advx::runtime;

namespace {

/// Of every tensor: f32 or f64.
bool inF64 = false;

/// A tensor that owns its memory; batch 0 means none.
struct Buffer {
  std::vector<int64_t> dims;
  std::vector<float> floats;
  std::vector<double> doubles;
  AdvxTensor tensor{};

  Buffer(std::vector<int64_t> shape, int64_t batch) : dims(std::move(shape)) {
    int64_t count = std::max<int64_t>(batch, 1);
    for (int64_t size : dims)
      count *= size;
    for (int64_t i = 0; i < count; ++i)
      floats.push_back(float((i * 2654435761u) % 1000) / 1000 - 0.5f);
    doubles.assign(floats.begin(), floats.end());
    tensor = {inF64 ? static_cast<void *>(doubles.data()) : floats.data(),
              std::max<int64_t>(batch, 1),
              dims.data(),
              int32_t(dims.size()),
              inF64 ? ADVX_F64 : ADVX_F32,
              batch > 0,
              0};
  }
};

/// The best of some single calls in seconds, of the processor where one thread works: that is
/// steady on a busy machine.
double timeOf(AdvxOp op, std::vector<AdvxTensor> tensors, std::vector<int64_t> attributes) {
  OpErrors errors;
  AdvxContext context{};
  context.runtime = &errors;
  AdvxCounts counts{int32_t(tensors.size()), int32_t(attributes.size()), 0, 0};
  double best = 1e9;
  for (int round = 0; round < 20; ++round) {
    Stopwatch watch;
    op(&context, tensors.data(), attributes.data(), nullptr, nullptr, &counts);
    best = std::min(best, ThreadPool::instance().threadCount() == 1 ? watch.cpu() : watch.wall());
  }
  if (std::optional<std::string> error = errors.take()) {
    std::fprintf(stderr, "%s\n", error->c_str());
    std::exit(1);
  }
  return best;
}

void report(double seconds, double flops) {
  std::printf("  %8.0f us %6.1f", seconds * 1e6, flops / seconds * 1e-9);
}

/// A convolution's product by each provider.
struct Providers {
  AdvxOp plain, advx, onednn, aten;
};
#define ADVX_PROVIDERS(op)                                                                         \
  {advx_op_##op##_plain, advx_op_##op##_advx, advx_op_##op##_onednn, advx_op_##op##_aten}

struct Layer {
  int64_t inC, size, outC, kernel, stride, pad;
};

constexpr Layer layers[] = {{1, 28, 16, 4, 2, 1},  {16, 14, 32, 4, 2, 1}, {1, 28, 32, 3, 1, 0},
                            {32, 26, 32, 3, 1, 0}, {32, 12, 64, 3, 1, 0}, {64, 10, 64, 3, 1, 0},
                            {3, 32, 64, 3, 1, 1},  {2, 6, 3, 3, 1, 0},    {4, 8, 8, 3, 1, 0}};

void convolution(const Layer &l, int64_t batch) {
  int64_t out = (l.size + 2 * l.pad - l.kernel) / l.stride + 1;
  double flops = 2.0 * double(batch * out * out * l.outC * l.inC * l.kernel * l.kernel);
  Buffer x({l.size, l.size, l.inC}, batch), y({out, out, l.outC}, batch);
  Buffer w({l.outC, l.inC, l.kernel, l.kernel}, 0), bias({l.outC}, 0);
  std::printf("%lld -> %lld, %lldx%lld / %lld on %lldx%lld\n", (long long)l.inC, (long long)l.outC,
              (long long)l.kernel, (long long)l.kernel, (long long)l.stride, (long long)l.size,
              (long long)l.size);
  std::vector<int64_t> geometry{l.stride, l.stride, l.pad, l.pad, 1, 0};
  std::vector<int64_t> winograd{l.stride, l.stride, l.pad, l.pad, 1, 1};
  bool mayWinograd = l.kernel == 3 && l.stride == 1 && l.inC % 16 == 0;
  auto product = [&](const char *what, Providers by, std::vector<AdvxTensor> tensors,
                     std::vector<int64_t> more) {
    auto with = [&](std::vector<int64_t> attributes) {
      attributes.insert(attributes.end(), more.begin(), more.end());
      return attributes;
    };
    std::printf("  %-18s", what);
    for (AdvxOp op : inF64 ? std::vector{by.plain, by.aten} : std::vector{by.advx, by.onednn})
      report(timeOf(op, tensors, with(geometry)), flops);
    if (mayWinograd && !inF64)
      report(timeOf(by.onednn, tensors, with(winograd)), flops);
    std::printf("\n");
  };
  product("forward bias relu", ADVX_PROVIDERS(conv2d), {y.tensor, x.tensor, w.tensor, bias.tensor},
          {1, 1});
  product("input gradient", ADVX_PROVIDERS(conv2d_input_grad), {x.tensor, y.tensor, w.tensor}, {});
  product("weight gradient", ADVX_PROVIDERS(conv2d_weight_grad), {w.tensor, x.tensor, y.tensor},
          {});
}

void dense(int64_t from, int64_t to, int64_t batch) {
  Buffer w({to, from}, 0), v({from}, batch), u({to}, batch);
  double flops = 2.0 * double(batch * from * to);
  std::printf("dense %lld -> %lld\n", (long long)from, (long long)to);
  auto product = [&](const char *what, AdvxOp plain, AdvxOp onednn, AdvxOp aten,
                     const std::vector<AdvxTensor> &tensors, const std::vector<int64_t> &more) {
    std::printf("  %-18s", what);
    for (AdvxOp op : inF64 ? std::vector{plain, aten} : std::vector{onednn})
      report(timeOf(op, tensors, more), flops);
    std::printf("\n");
  };
  product("matvec", advx_op_matvec_plain, advx_op_matvec_onednn, advx_op_matvec_aten,
          {u.tensor, w.tensor, v.tensor}, {0});
  product("transposed", advx_op_matvec_plain, advx_op_matvec_onednn, advx_op_matvec_aten,
          {v.tensor, w.tensor, u.tensor}, {1});
  product("outer", advx_op_outer_plain, advx_op_outer_onednn, advx_op_outer_aten,
          {w.tensor, u.tensor, v.tensor}, {});
}

} // namespace

int main(int argc, char **argv) {
  int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  int64_t batch = argc > 2 ? std::atoll(argv[2]) : 128;
  ThreadPool::instance().setThreadCount(threads);
  inF64 = argc > 3 && std::string(argv[3]) == "f64";
  std::printf("batch %lld, %d threads; time and GFLOP/s of: %s\n", (long long)batch, threads,
              inF64 ? "plain, aten" : "advx, onednn direct, onednn winograd");
  for (const Layer &layer : layers)
    convolution(layer, batch);
  for (auto [from, to] :
       {std::pair<int64_t, int64_t>{1568, 100}, {1024, 200}, {200, 200}, {32, 10}, {8, 4}})
    dense(from, to, batch);
}
