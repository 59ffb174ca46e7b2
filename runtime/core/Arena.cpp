#include "runtime/core/Arena.h"

#include <cstring>
#include <stdexcept>

namespace advx::runtime {

namespace {

void requireInside(size_t size, uint64_t offset, size_t count) {
  if (offset > size || count > size - offset)
    throw std::out_of_range("a tensor lies outside its arena");
}

} // namespace

void Arena::read(uint64_t offset, void *to, size_t count) const {
  requireInside(size(), offset, count);
  if (count > 0)
    std::memcpy(to, memory.data() + offset, count);
}

void Arena::write(uint64_t offset, const void *from, size_t count) {
  requireInside(size(), offset, count);
  if (count > 0)
    std::memcpy(memory.data() + offset, from, count);
}

void Arena::fill(unsigned char byte) {
  if (size() > 0)
    std::memset(memory.data(), byte, size());
}

} // namespace advx::runtime
