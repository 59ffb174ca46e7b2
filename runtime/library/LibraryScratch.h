#ifndef ADVX_RUNTIME_LIBRARY_LIBRARYSCRATCH_H
#define ADVX_RUNTIME_LIBRARY_LIBRARYSCRATCH_H

#include <cstdint>

namespace advx::runtime {

/// Bytes that kernels hold beside the two arenas: reordered weights, scratchpads and packed tiles
/// of the convolutions. Reported apart from the arenas, whose size the compiler knows.
int64_t libraryScratchBytes();

/// A buffer that grows on demand and never shrinks, counted in `libraryScratchBytes`. Aligned to 64
/// bytes. Its content is undefined after `reserve`.
class LibraryScratch {
public:
  LibraryScratch() = default;
  LibraryScratch(const LibraryScratch &) = delete;
  LibraryScratch &operator=(const LibraryScratch &) = delete;
  ~LibraryScratch();

  /// Makes room for `bytes` and returns the buffer.
  void *reserve(int64_t bytes);
  float *floats(int64_t count) { return static_cast<float *>(reserve(count * 4)); }

private:
  void *data = nullptr;
  int64_t capacity = 0;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_LIBRARY_LIBRARYSCRATCH_H
