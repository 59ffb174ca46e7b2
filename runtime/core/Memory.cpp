#include "runtime/core/Memory.h"

#include "runtime/core/Error.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <sys/mman.h>
#include <utility>

namespace advx::runtime {

namespace {

constexpr size_t alignment = 64;
constexpr size_t hugePage = size_t(2) << 20;
/// A block of which the machine may not have so much.
constexpr size_t worthAsking = size_t(512) << 20;

struct Counter {
  std::atomic<size_t> current{0};
  std::atomic<size_t> peak{0};
};

Counter counters[3];

void count(MemoryKind kind, size_t bytes) {
  Counter &counter = counters[int(kind)];
  size_t now = counter.current += bytes;
  size_t peak = counter.peak;
  while (now > peak && !counter.peak.compare_exchange_weak(peak, now)) {
  }
}

/// Bytes that the machine can still give, by the kernel's own estimate; as many as can be counted
/// where it has none.
size_t availableMemory() {
  std::ifstream file("/proc/meminfo");
  size_t available = 0, swap = 0, kilobytes = 0;
  bool isKnown = false;
  for (std::string name, rest; file >> name >> kilobytes; std::getline(file, rest)) {
    if (name == "MemAvailable:") {
      available = kilobytes;
      isKnown = true;
    } else if (name == "SwapFree:") {
      swap = kilobytes;
    }
  }
  return isKnown ? (available + swap) << 10 : SIZE_MAX;
}

} // namespace

Buffer::Buffer(size_t bytes, MemoryKind kind) : bytes(bytes), kind(kind) {
  // Large blocks take whole huge pages: a step walks over all of an arena.
  size_t boundary = bytes >= 2 * hugePage ? hugePage : alignment;
  if (bytes == 0)
    return;
  void *block = nullptr;
  // Linux promises more than it has, and kills the process that comes for it.
  bool isThere = bytes < worthAsking || bytes <= availableMemory();
  if (!isThere || ::posix_memalign(&block, boundary, bytes) != 0)
    throw Error(ExitCode::Environment,
                "cannot allocate " + std::to_string(bytes >> 20) + " MiB of memory",
                kind == MemoryKind::Data ? "the data set is kept in memory whole"
                                         : "use a smaller batch (see `info` for the plan)");
  memory = static_cast<char *>(block);
  if (boundary == hugePage)
    ::madvise(memory, bytes, MADV_HUGEPAGE);
  std::memset(memory, 0, bytes);
  count(kind, bytes);
}

Buffer::~Buffer() {
  if (!memory)
    return;
  std::free(memory);
  counters[int(kind)].current -= bytes;
}

Buffer::Buffer(Buffer &&other) noexcept
    : memory(std::exchange(other.memory, nullptr)), bytes(std::exchange(other.bytes, 0)),
      kind(other.kind) {}

Buffer &Buffer::operator=(Buffer &&other) noexcept {
  std::swap(memory, other.memory);
  std::swap(bytes, other.bytes);
  std::swap(kind, other.kind);
  return *this;
}

MemoryUse memoryUse(MemoryKind kind) {
  const Counter &counter = counters[int(kind)];
  return {counter.current, counter.peak};
}

} // namespace advx::runtime
