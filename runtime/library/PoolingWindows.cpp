#include "runtime/library/PoolingWindows.h"

ADVX_CLONES bool advx::runtime::areWithin(const int64_t *indices, int64_t count, int64_t end) {
  uint64_t outside = 0;
  for (int64_t i = 0; i < count; ++i)
    outside |= uint64_t(indices[i] < 0) | uint64_t(indices[i] >= end);
  return outside == 0;
}
