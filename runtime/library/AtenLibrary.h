#ifndef ADVX_RUNTIME_LIBRARY_ATENLIBRARY_H
#define ADVX_RUNTIME_LIBRARY_ATENLIBRARY_H

#include "runtime/library/ConvolutionShape.h"
#include "runtime/library/Linear.h"

#include <cstdint>

/// What the shared library libadvx_aten.so does for the runtime. It is all that knows LibTorch, and
/// an executable loads it at the first op that needs it: LibTorch takes longer to load than many
/// runs last.
namespace advx::runtime {

/// Where ATen's temporaries come from. Safe from any thread.
struct AtenMemory {
  void *(*take)(int64_t bytes);
  void (*giveBack)(void *memory);
};

/// Products on the calling thread and no other, in f32 or f64. Each returns null, or what ATen says
/// is wrong; the text lives until the thread's next call. With `channelsLast` weights are
/// [outC, kernelH, kernelW, inC].
struct AtenProducts {
  /// `bias` may be null; the shape's relu is not applied.
  const char *(*forward)(const ConvolutionShape &shape, int32_t dtype, const void *x, const void *w,
                         const void *bias, void *y);
  const char *(*inputGradient)(const ConvolutionShape &shape, int32_t dtype, const void *gy,
                               const void *w, void *gx);
  const char *(*weightGradient)(const ConvolutionShape &shape, int32_t dtype, const void *x,
                                const void *gy, void *gw);
  const char *(*multiply)(const MatrixProduct &product);
};

/// The library's only symbol. The name changes with anything that it passes, so that an executable
/// never calls a library of another shape.
using OpenAten = const AtenProducts *(const AtenMemory &memory);
inline constexpr const char *openAtenSymbol = "advx_open_aten_1";

} // namespace advx::runtime

#endif // ADVX_RUNTIME_LIBRARY_ATENLIBRARY_H
