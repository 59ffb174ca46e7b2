#ifndef ADVX_SEMA_SCOPES_LIMITS_H
#define ADVX_SEMA_SCOPES_LIMITS_H

//===- Limits.h - How large a page may be -----------------------------------===//
//
// docs/language/reference.md states them. Within them every product of sizes that
// a later stage forms (elements times bytes times batch, multiply-adds of an op)
// is far from the end of an int64, and no walk over a page runs out of stack.
//
//===----------------------------------------------------------------------===//

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace advx::sema::limits {

/// Elements of a tensor of one example, or of a parameter.
constexpr int64_t elements = int64_t(1) << 30;
/// Kernel, stride and padding, in pixels.
constexpr int64_t window = 65536;
constexpr int64_t classes = 65536;
constexpr int64_t batch = 4096;
/// Epochs, steps of a solver, images of a split, indices of layers.
constexpr int64_t count = 1000000000;
/// Layers and networks of one page, those of indexed lines counted one by one.
constexpr size_t layers = 10000;
/// Functions, networks and sets inside one another.
constexpr size_t texts = 256;
/// Files that import one another in a chain, and all files that a page imports.
constexpr size_t importChain = 100;
constexpr size_t imports = 1000;

/// The product of non-negative extents, or nothing above `elements`.
inline std::optional<int64_t> elementsOf(const std::vector<int64_t> &shape) {
  int64_t product = 1;
  for (int64_t extent : shape)
    if (__builtin_mul_overflow(product, extent, &product) || product > elements)
      return std::nullopt;
  return product;
}

} // namespace advx::sema::limits

#endif // ADVX_SEMA_SCOPES_LIMITS_H
