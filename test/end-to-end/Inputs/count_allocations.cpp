//===- count_allocations.cpp - The peak of what a process holds ----------===//
//
// Loaded before libc with LD_PRELOAD, counts the bytes asked for in every block of
// at least 4096 bytes and writes the peak to the file that ADVX_COUNT_FILE names.
// Smaller blocks are bookkeeping, not tensors. Sizes are kept in a table, since
// malloc_usable_size counts what alignment wastes.
//
//===----------------------------------------------------------------------===//

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>

// NOLINTBEGIN(bugprone-reserved-identifier): glibc's own names of what is replaced below.
extern "C" {
void *__libc_malloc(size_t);
void __libc_free(void *);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
}
// NOLINTEND(bugprone-reserved-identifier)

namespace {

constexpr size_t smallest = 4096;
constexpr size_t slots = 1 << 16; // more than there are large blocks at any time

struct Entry {
  void *block;
  size_t size;
};

Entry table[slots]; // open addressing; a removed block leaves its entry with size 0
std::mutex mutex;
size_t held = 0, peak = 0;

size_t slotOf(void *block) { return (reinterpret_cast<uintptr_t>(block) >> 4) % slots; }

void *add(void *block, size_t size) {
  if (!block || size < smallest)
    return block;
  std::lock_guard<std::mutex> guard(mutex);
  size_t slot = slotOf(block);
  while (table[slot].block && table[slot].block != block && table[slot].size)
    slot = (slot + 1) % slots;
  table[slot] = {block, size};
  held += size;
  peak = held > peak ? held : peak;
  return block;
}

void remove(void *block) {
  if (!block)
    return;
  std::lock_guard<std::mutex> guard(mutex);
  for (size_t slot = slotOf(block); table[slot].block; slot = (slot + 1) % slots)
    if (table[slot].block == block) {
      held -= table[slot].size;
      table[slot].size = 0;
      return;
    }
}

struct Report {
  ~Report() {
    const char *path = std::getenv("ADVX_COUNT_FILE");
    if (!path)
      return;
    if (FILE *file = std::fopen(path, "w")) {
      std::fprintf(file, "%zu\n", peak);
      std::fclose(file);
    }
  }
} report;

} // namespace

extern "C" {
void *malloc(size_t size) { return add(__libc_malloc(size), size); }
void *calloc(size_t count, size_t size) { return add(__libc_calloc(count, size), count * size); }
void free(void *block) {
  remove(block);
  __libc_free(block);
}
void *realloc(void *block, size_t size) {
  remove(block);
  return add(__libc_realloc(block, size), size);
}
void *memalign(size_t alignment, size_t size) {
  return add(__libc_memalign(alignment, size), size);
}
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void **block, size_t alignment, size_t size) {
  *block = memalign(alignment, size);
  return *block || size == 0 ? 0 : ENOMEM;
}
}
