#ifndef ADVX_TEST_FUZZ_READERS_MEMORYFILE_H
#define ADVX_TEST_FUZZ_READERS_MEMORYFILE_H

#include <cstdint>
#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

/// A regular file that is on no disk, for readers that take a path.
class MemoryFile {
public:
  MemoryFile() : descriptor(::memfd_create("input", 0)) {
    if (descriptor < 0)
      std::abort();
  }
  ~MemoryFile() { ::close(descriptor); }

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor); }

  /// Replaces what it holds.
  void fill(const uint8_t *bytes, size_t size) {
    if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, bytes, size, 0) != ssize_t(size))
      std::abort();
  }

private:
  int descriptor;
};

#endif // ADVX_TEST_FUZZ_READERS_MEMORYFILE_H
