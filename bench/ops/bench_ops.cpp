// Times the ops of a projected-gradient training step on a small image classifier, op by op, and
// adds them up to images per second. Usage: bench-ops [THREADS] [BATCH]
//
// The network: convolution 1 -> 16 and 16 -> 32, both 4x4 with stride 2 and padding 1, on 28x28
// images, then dense layers 1568 -> 100 -> 10; ten attack iterations and one weight update.

#include "runtime/core/OpErrors.h"
#include "runtime/core/ThreadPool.h"
#include "runtime/library/LibraryScratch.h"
#include "runtime/library/Ops.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

using namespace advx::runtime;

namespace {

/// A tensor that owns its memory.
struct Buffer {
  std::vector<int64_t> dims;
  std::vector<uint64_t> memory;
  AdvxTensor tensor{};

  Buffer(std::vector<int64_t> shape, int64_t batch, int32_t dtype) : dims(std::move(shape)) {
    tensor.batched = batch > 0;
    tensor.batch = batch > 0 ? batch : 1;
    tensor.dims = dims.data();
    tensor.rank = static_cast<int32_t>(dims.size());
    tensor.dtype = dtype;
    int64_t count = tensor.batch;
    for (int64_t size : dims)
      count *= size;
    memory.resize(size_t(count) + 8);
    tensor.data = memory.data();
    for (int64_t i = 0; i < count && dtype == ADVX_F32; ++i)
      static_cast<float *>(tensor.data)[i] = float((i * 2654435761u) % 1000) / 1000 - 0.5f;
  }
};

struct Bench {
  AdvxContext context{};
  OpErrors errors;
  std::deque<Buffer> buffers;
  int64_t batch;
  double total = 0;

  explicit Bench(int64_t batch) : batch(batch) { context.runtime = &errors; }

  AdvxTensor batched(std::vector<int64_t> shape, int32_t dtype = ADVX_F32) {
    return buffers.emplace_back(std::move(shape), batch, dtype).tensor;
  }
  AdvxTensor shared(std::vector<int64_t> shape) {
    return buffers.emplace_back(std::move(shape), 0, ADVX_F32).tensor;
  }

  /// Times one call (the best of some) that a step makes `times` times.
  void time(const char *what, AdvxOp op, std::vector<AdvxTensor> tensors,
            std::vector<int64_t> attributes, double times, double flops = 0) {
    using Clock = std::chrono::steady_clock;
    AdvxCounts counts{int32_t(tensors.size()), int32_t(attributes.size()), 0, 0};
    double best = 1e9;
    // Single calls: on a busy machine, only short stretches stay undisturbed.
    for (int round = 0; round < 50; ++round) {
      Clock::time_point start = Clock::now();
      op(&context, tensors.data(), attributes.data(), nullptr, nullptr, &counts);
      best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
    }
    if (std::optional<std::string> error = errors.take()) {
      std::fprintf(stderr, "%s\n", error->c_str());
      std::exit(1);
    }
    total += best * times;
    std::printf("%-34s %8.1f us x %3.0f", what, best * 1e6, times);
    if (flops > 0)
      std::printf("  %6.1f GFLOP/s", flops * double(batch) / best * 1e-9);
    std::printf("\n");
  }
};

} // namespace

int main(int argc, char **argv) {
  int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  int64_t batch = argc > 2 ? std::atoll(argv[2]) : 128;
  ThreadPool::instance().setThreadCount(threads);
  Bench b(batch);

  AdvxTensor x = b.batched({1, 28, 28}), gx = b.batched({1, 28, 28});
  AdvxTensor w1 = b.shared({16, 1, 4, 4}), y1 = b.batched({16, 14, 14});
  AdvxTensor w2 = b.shared({32, 16, 4, 4}), y2 = b.batched({32, 7, 7});
  AdvxTensor g1 = b.batched({16, 14, 14}), g2 = b.batched({32, 7, 7});
  AdvxTensor bias1 = b.shared({16}), image1 = b.shared({16, 14, 14});
  AdvxTensor mask1 = b.batched({16, 14, 14}, ADVX_BOOL), mask2 = b.batched({32, 7, 7}, ADVX_BOOL);
  AdvxTensor zero = b.shared({});
  AdvxTensor w3 = b.shared({100, 1568}), v3 = b.batched({1568}), y3 = b.batched({100});
  AdvxTensor w4 = b.shared({10, 100}), y4 = b.batched({10}), e4 = b.batched({10});
  AdvxTensor mask = b.batched({1, 28, 28}, ADVX_BOOL), norm = b.batched({});

  const double steps = 10, forwards = steps + 1;
  const std::vector<int64_t> geometry{2, 2, 1, 1};
  const double flops1 = 2.0 * 16 * 16 * 196, flops2 = 2.0 * 32 * 256 * 49, flops3 = 2.0 * 156800;
  b.time("conv2d 1 -> 16", advx_op_conv2d, {y1, x, w1}, geometry, forwards, flops1);
  b.time("conv2d 16 -> 32", advx_op_conv2d, {y2, y1, w2}, geometry, forwards, flops2);
  b.time("conv2d_input_grad 16 -> 1", advx_op_conv2d_input_grad, {gx, g1, w1}, geometry, steps,
         flops1);
  b.time("conv2d_input_grad 32 -> 16", advx_op_conv2d_input_grad, {g1, g2, w2}, geometry, forwards,
         flops2);
  b.time("conv2d_weight_grad 1 -> 16", advx_op_conv2d_weight_grad, {w1, x, g1}, geometry, 1,
         flops1);
  b.time("conv2d_weight_grad 16 -> 32", advx_op_conv2d_weight_grad, {w2, y1, g2}, geometry, 1,
         flops2);
  b.time("matvec 1568 -> 100", advx_op_matvec, {y3, w3, v3}, {0}, forwards, flops3);
  b.time("matvec 100 -> 1568 (transposed)", advx_op_matvec, {v3, w3, y3}, {1}, forwards, flops3);
  b.time("outer 100 x 1568", advx_op_outer, {w3, y3, v3}, {}, 1, flops3);
  b.time("matvec 100 -> 10", advx_op_matvec, {y4, w4, y3}, {0}, forwards);
  b.time("broadcast bias to 16x14x14", advx_op_broadcast, {image1, bias1}, {0}, forwards * 2);
  b.time("add bias 16x14x14", advx_op_add, {y1, y1, image1}, {}, forwards);
  b.time("relu 16x14x14", advx_op_relu, {g1, y1}, {}, forwards);
  b.time("compare 16x14x14 > 0", advx_op_compare, {mask1, y1, zero}, {4}, forwards);
  b.time("select 16x14x14, g, 0", advx_op_select, {g1, mask1, g1, zero}, {}, forwards);
  b.time("relu 32x7x7", advx_op_relu, {g2, y2}, {}, forwards * 2);
  b.time("compare 32x7x7 > 0", advx_op_compare, {mask2, y2, zero}, {4}, forwards);
  b.time("select 32x7x7, g, 0", advx_op_select, {g2, mask2, g2, zero}, {}, forwards);
  b.time("exp 10", advx_op_exp, {e4, y4}, {}, forwards);
  b.time("reduce_max 10", advx_op_reduce_max, {norm, y4}, {1, 0}, forwards);
  b.time("reduce_sum 10", advx_op_reduce_sum, {norm, e4}, {1, 0}, forwards);
  b.time("batch_sum 16x14x14", advx_op_batch_sum, {image1, y1}, {}, 1);
  b.time("sign 28x28", advx_op_sign, {gx, gx}, {}, steps);
  b.time("mul 28x28 by a number", advx_op_mul, {gx, gx, zero}, {}, steps);
  b.time("add 28x28", advx_op_add, {gx, gx, x}, {}, steps * 2);
  b.time("maximum 28x28, x", advx_op_maximum, {gx, gx, x}, {}, steps * 2);
  b.time("minimum 28x28, 1", advx_op_minimum, {gx, gx, zero}, {}, steps * 2);
  b.time("select 28x28 by a number", advx_op_select, {gx, mask, gx, x}, {}, steps);

  std::printf("a step of %lld images: %.1f ms, %.0f images/s on %d threads; %.1f MiB of scratch\n",
              static_cast<long long>(batch), b.total * 1e3, double(batch) / b.total, threads,
              double(libraryScratchBytes()) / (1 << 20));
}
