// Times every provider of convolutions and matrix products on the layers of the shipped small
// networks, channels last, and prints GFLOP/s beside each other: what the rules of
// dialect/Transforms/AssignProviders.cpp rest on. Usage: bench-providers [THREADS] [BATCH]

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

/// A tensor of f32 that owns its memory; batch 0 means none.
struct Buffer {
  std::vector<int64_t> dims;
  std::vector<float> memory;
  AdvxTensor tensor{};

  Buffer(std::vector<int64_t> shape, int64_t batch) : dims(std::move(shape)) {
    int64_t count = std::max<int64_t>(batch, 1);
    for (int64_t size : dims)
      count *= size;
    memory.resize(size_t(count));
    for (int64_t i = 0; i < count; ++i)
      memory[size_t(i)] = float((i * 2654435761u) % 1000) / 1000 - 0.5f;
    tensor = {memory.data(),
              std::max<int64_t>(batch, 1),
              dims.data(),
              int32_t(dims.size()),
              ADVX_F32,
              batch > 0,
              0};
  }
};

/// The best of some single calls in seconds; on a busy machine, only short stretches stay
/// undisturbed.
double timeOf(AdvxOp op, std::vector<AdvxTensor> tensors, std::vector<int64_t> attributes) {
  OpErrors errors;
  AdvxContext context{};
  context.runtime = &errors;
  double best = 1e9;
  for (int round = 0; round < 20; ++round) {
    Stopwatch watch;
    op(&context, tensors.data(), attributes.data(), nullptr, nullptr);
    best = std::min(best, watch.wall());
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

struct Layer {
  int64_t inC, size, outC, kernel, stride, pad;
};

constexpr Layer layers[] = {{1, 28, 16, 4, 2, 1},  {16, 14, 32, 4, 2, 1}, {1, 28, 32, 3, 1, 0},
                            {32, 26, 32, 3, 1, 0}, {32, 12, 64, 3, 1, 0}, {64, 10, 64, 3, 1, 0},
                            {3, 32, 64, 3, 1, 1}};

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
  auto product = [&](const char *what, AdvxOp advx, AdvxOp onednn, std::vector<AdvxTensor> tensors,
                     std::vector<int64_t> more) {
    auto with = [&](std::vector<int64_t> attributes) {
      attributes.insert(attributes.end(), more.begin(), more.end());
      return attributes;
    };
    std::printf("  %-18s", what);
    report(timeOf(advx, tensors, with(geometry)), flops);
    report(timeOf(onednn, tensors, with(geometry)), flops);
    if (mayWinograd)
      report(timeOf(onednn, tensors, with(winograd)), flops);
    std::printf("\n");
  };
  product("forward bias relu", advx_op_conv2d_advx, advx_op_conv2d_onednn,
          {y.tensor, x.tensor, w.tensor, bias.tensor}, {1, 1});
  product("input gradient", advx_op_conv2d_input_grad_advx, advx_op_conv2d_input_grad_onednn,
          {x.tensor, y.tensor, w.tensor}, {});
  product("weight gradient", advx_op_conv2d_weight_grad_advx, advx_op_conv2d_weight_grad_onednn,
          {w.tensor, x.tensor, y.tensor}, {});
}

void dense(int64_t from, int64_t to, int64_t batch) {
  Buffer w({to, from}, 0), v({from}, batch), u({to}, batch);
  double flops = 2.0 * double(batch * from * to);
  std::printf("dense %lld -> %lld\n", (long long)from, (long long)to);
  std::printf("  %-18s", "matvec");
  report(timeOf(advx_op_matvec_onednn, {u.tensor, w.tensor, v.tensor}, {0}), flops);
  std::printf("\n  %-18s", "transposed");
  report(timeOf(advx_op_matvec_onednn, {v.tensor, w.tensor, u.tensor}, {1}), flops);
  std::printf("\n  %-18s", "outer");
  report(timeOf(advx_op_outer_onednn, {w.tensor, u.tensor, v.tensor}, {}), flops);
  std::printf("\n");
}

} // namespace

int main(int argc, char **argv) {
  int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  int64_t batch = argc > 2 ? std::atoll(argv[2]) : 128;
  ThreadPool::instance().setThreadCount(threads);
  std::printf("batch %lld, %d threads; time and GFLOP/s of: advx, onednn direct, onednn winograd\n",
              (long long)batch, threads);
  for (const Layer &layer : layers)
    convolution(layer, batch);
  for (auto [from, to] : {std::pair<int64_t, int64_t>{1568, 100}, {1024, 200}, {200, 200}})
    dense(from, to, batch);
}
