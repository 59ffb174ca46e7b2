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

} // namespace

extern "C" void advx_launch_kernel(AdvxContext *context, const AdvxKernel *kernel,
                                   void *const *buffers, const double *numbers,
                                   const AdvxCounts *counts) {
  advx::abi::OpForm form{kernel->name, kernel->buffers, 0, kernel->numbers, 0};
  if (std::string wrong = advx::abi::wrongCount(form, *counts); !wrong.empty())
    return recordError(context, "the launch of " + std::string(kernel->name) + " " + wrong,
                       Fault::Defect);
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
