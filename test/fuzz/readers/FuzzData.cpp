//===- FuzzData.cpp - Data files of any bytes are read or refused -----------===//
//
// The input is a file of images, plain or gzip'ed; its last byte, if even, is how many labels
// there are. What is read has the extents that were asked for.
//
//===----------------------------------------------------------------------===//

#include "test/fuzz/readers/MemoryFile.h"

#include "runtime/core/Error.h"
#include "runtime/data/Idx.h"

#include <cstdlib>

using namespace advx::runtime;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  static MemoryFile images, labels;
  images.fill(bytes, size);
  uint8_t count = size > 0 ? bytes[size - 1] : 0;
  std::string text = {0, 0, 8, 1, 0, 0, 0, char(count)};
  text.append(count, '\1');
  labels.fill(reinterpret_cast<const uint8_t *>(text.data()), text.size());
  std::vector<int64_t> shape = {1, 2, 3};
  try {
    Images read = readIdx("", {images.path(), labels.path()}, shape);
    if (read.count != count || read.labels.size() != count || read.shape != shape ||
        read.parts[0].records.size() != size_t(count) * 6)
      std::abort();
  } catch (const Error &) {
  }
  return 0;
}
