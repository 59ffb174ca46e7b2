//===- Arena.h - Where the tensors of a program lie ------------------------===//
//
// Steps work inside an arena; everything else copies in and out of it. An arena knows where its
// memory is (the host's), and nobody above it can ask: an address is a session's alone.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_ARENA_H
#define ADVX_RUNTIME_CORE_ARENA_H

#include "runtime/core/Memory.h"

#include <cstdint>

namespace advx::runtime {

class Arena {
public:
  /// `bytes` bytes of zeros. Throws as Buffer does.
  Arena(size_t bytes, MemoryKind kind) : memory(bytes, kind) {}

  size_t size() const { return memory.size(); }

  /// Copy `count` bytes that begin at `offset`. A range that does not lie in the arena is a
  /// defect: std::out_of_range.
  void read(uint64_t offset, void *to, size_t count) const;
  void write(uint64_t offset, const void *from, size_t count);
  /// Sets every byte.
  void fill(unsigned char byte);

private:
  friend class Session; ///< gives the steps their arenas
  char *address() { return memory.data(); }

  Buffer memory;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_ARENA_H
