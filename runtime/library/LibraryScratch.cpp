#include "runtime/library/LibraryScratch.h"

#include <atomic>
#include <cstdlib>
#include <new>

using namespace advx::runtime;

namespace {
std::atomic<int64_t> heldBytes{0};
} // namespace

int64_t advx::runtime::libraryScratchBytes() { return heldBytes.load(); }

LibraryScratch::~LibraryScratch() {
  std::free(data);
  heldBytes -= capacity;
}

void *LibraryScratch::reserve(int64_t bytes) {
  if (bytes <= capacity)
    return data;
  int64_t rounded = (bytes + 63) / 64 * 64;
  std::free(data);
  heldBytes -= capacity;
  capacity = 0;
  data = std::aligned_alloc(64, static_cast<size_t>(rounded));
  if (!data)
    throw std::bad_alloc();
  capacity = rounded;
  heldBytes += rounded;
  return data;
}
