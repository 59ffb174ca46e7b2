//===- count_allocations.cpp - The peak of what a process holds ----------===//
//
// Loaded before libc with LD_PRELOAD, counts the usable bytes of every block of
// at least 4096 bytes and writes the peak to the file that ADVX_COUNT_FILE
// names. Smaller blocks are bookkeeping, not tensors.
//
//===----------------------------------------------------------------------===//

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>

extern "C" {
void *__libc_malloc(size_t);
void __libc_free(void *);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
}

namespace {

constexpr size_t smallest = 4096;
std::atomic<size_t> held{0}, peak{0};

void *add(void *block) {
  size_t size = block ? malloc_usable_size(block) : 0;
  if (size < smallest)
    return block;
  size_t now = held += size;
  for (size_t before = peak; now > before && !peak.compare_exchange_weak(before, now);) {
  }
  return block;
}

void remove(void *block) {
  size_t size = block ? malloc_usable_size(block) : 0;
  if (size >= smallest)
    held -= size;
}

struct Report {
  ~Report() {
    const char *path = std::getenv("ADVX_COUNT_FILE");
    if (!path)
      return;
    if (FILE *file = std::fopen(path, "w")) {
      std::fprintf(file, "%zu\n", peak.load());
      std::fclose(file);
    }
  }
} report;

} // namespace

extern "C" {
void *malloc(size_t size) { return add(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return add(__libc_calloc(count, size)); }
void free(void *block) {
  remove(block);
  __libc_free(block);
}
void *realloc(void *block, size_t size) {
  remove(block);
  return add(__libc_realloc(block, size));
}
void *memalign(size_t alignment, size_t size) { return add(__libc_memalign(alignment, size)); }
void *aligned_alloc(size_t alignment, size_t size) { return add(__libc_memalign(alignment, size)); }
int posix_memalign(void **block, size_t alignment, size_t size) {
  *block = add(__libc_memalign(alignment, size));
  return *block || size == 0 ? 0 : ENOMEM;
}
}
