#ifndef ADVX_COMPILER_CODEGEN_PLAN_PACK_H
#define ADVX_COMPILER_CODEGEN_PLAN_PACK_H

#include <cstdint>
#include <vector>

namespace advx::codegen {

/// One buffer to place: it is in use from `begin` to `end`, both included, in
/// positions of the linearised step. `size` is in bytes.
struct PackItem {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t size = 0;
  int64_t offset = 0; ///< the result, relative to the start of the packed area
};

/// Chooses the offsets so that two buffers in use at the same position do not
/// overlap. Offsets are multiples of `alignment`. Runs several greedy orders
/// (large buffers first, early buffers first, each at the lowest gap or at the
/// tightest gap) and keeps the shortest. Returns the length of the area.
int64_t pack(std::vector<PackItem> &items, int64_t alignment);

/// The largest sum of sizes (rounded up to `alignment`) in use at one position:
/// no placement is shorter.
int64_t liveBytes(const std::vector<PackItem> &items, int64_t alignment);

} // namespace advx::codegen

#endif
