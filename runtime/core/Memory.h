//===- Memory.h - The allocator that counts -------------------------------===//
//
// Every block that is proportional to the model, the batch or the data comes
// from here, so that the peak can be compared with the plan of the compiler.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_MEMORY_H
#define ADVX_RUNTIME_CORE_MEMORY_H

#include <cstddef>

namespace advx::runtime {

/// What a block is for: the two arenas of the plan, and the data set. What a
/// library takes inside a call is counted by runtime/library/LibraryScratch.h.
enum class MemoryKind { State, Batch, Data };

/// A zeroed block that starts on a 64-byte boundary; owns its memory, moves only.
/// Throws an environment error where there is not enough memory.
class Buffer {
public:
  Buffer() = default;
  Buffer(size_t bytes, MemoryKind kind);
  ~Buffer();
  Buffer(Buffer &&other) noexcept;
  Buffer &operator=(Buffer &&other) noexcept;

  char *data() { return memory; }
  const char *data() const { return memory; }
  size_t size() const { return bytes; }

private:
  char *memory = nullptr;
  size_t bytes = 0;
  MemoryKind kind = MemoryKind::Data;
};

/// Bytes held now and at most since the start.
struct MemoryUse {
  size_t current;
  size_t peak;
};

MemoryUse memoryUse(MemoryKind kind);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_MEMORY_H
