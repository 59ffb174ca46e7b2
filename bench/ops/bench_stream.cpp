// Memory bandwidth as kernels see it: a[i] = b[i] + s c[i] over arrays far larger than any cache,
// and once over arrays that fit one core's. Prints GB/s, counting two reads and one write.
// Usage: bench-stream [THREADS]

#include "runtime/core/ThreadPool.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

using namespace advx::runtime;

namespace {

/// The best of some passes over three arrays of `count` floats.
double gigabytesPerSecond(int64_t count, int64_t passes) {
  std::vector<float> a(size_t(count), 0.0f), b(size_t(count), 1.0f), c(size_t(count), 2.0f);
  double best = 0;
  for (int64_t pass = 0; pass < passes; ++pass) {
    auto start = std::chrono::steady_clock::now();
    parallelFor(0, count, 65536, [&](int64_t begin, int64_t end) {
      float *to = a.data();
      const float *first = b.data(), *second = c.data();
      for (int64_t i = begin; i < end; ++i)
        to[i] = first[i] + 3.0f * second[i];
    });
    double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    best = std::max(best, 12.0 * double(count) / seconds * 1e-9);
  }
  return best;
}

} // namespace

int main(int argc, char **argv) {
  int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  ThreadPool::instance().setThreadCount(threads);
  constexpr int64_t fitsCache = 64 << 10, exceedsCache = 96 << 20;
  std::printf("{\"threads\": %d, \"cache\": %.1f, \"memory\": %.1f}\n", threads,
              gigabytesPerSecond(fitsCache, 2000), gigabytesPerSecond(exceedsCache, 5));
}
