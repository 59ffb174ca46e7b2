// Launches compiled kernels on the threads that all ops share.

#include "runtime/core/OpErrors.h"
#include "runtime/core/Profile.h"
#include "runtime/library/LibraryScratch.h"
#include "runtime/library/OpSupport.h"

#include <string>

using namespace advx::runtime;

namespace {

void launch(AdvxContext *context, const AdvxKernel *kernel, void *const *buffers,
            const double *numbers) {
  int64_t tiles = kernel->batched ? (context->batch + ADVX_BATCH_PADDING - 1) / ADVX_BATCH_PADDING
                                  : kernel->tiles;
  // One launch at a time on a thread, and the tiles of this one on any: they get the pointer.
  static thread_local LibraryScratch scratch;
  char *partials = kernel->partial_bytes
                       ? static_cast<char *>(scratch.reserve(tiles * kernel->partial_bytes))
                       : nullptr;
  parallelFor(0, tiles, kernel->grain, [&](int64_t begin, int64_t end) {
    kernel->run(begin, end, buffers, context->batch, numbers, partials);
  });
  if (kernel->finish)
    kernel->finish(0, tiles, buffers, context->batch, numbers, partials);
}

/// What of a launch is not as the kernel takes it; mostly empty.
std::string wrongCount(const AdvxKernel &kernel, const AdvxCounts &counts) {
  auto differ = [](int32_t given, const char *what, int32_t wanted) {
    return "has " + std::to_string(given) + what + ", not " + std::to_string(wanted);
  };
  if (counts.tensors != kernel.buffers)
    return differ(counts.tensors, " buffers", kernel.buffers);
  if (counts.numbers != kernel.numbers)
    return differ(counts.numbers, " numbers", kernel.numbers);
  return {};
}

} // namespace

extern "C" void advx_launch_kernel(AdvxContext *context, const AdvxKernel *kernel,
                                   void *const *buffers, const double *numbers,
                                   const AdvxCounts *counts) {
  if (std::string wrong = wrongCount(*kernel, *counts); !wrong.empty())
    return recordDefect(context, "the launch of " + std::string(kernel->name) + " " + wrong);
  try {
    if (!Profile::isOn())
      return launch(context, kernel, buffers, numbers);
    Stopwatch watch;
    launch(context, kernel, buffers, numbers);
    Profile::instance().add(kernel->name, watch,
                            double(kernel->example_bytes * context->batch + kernel->once_bytes));
  } catch (...) {
    recordException(context, kernel->name);
  }
}
