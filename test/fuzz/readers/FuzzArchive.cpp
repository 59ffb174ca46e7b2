//===- FuzzArchive.cpp - Archives of any bytes are read or refused ------------===//
//
// The input is a tar archive, plain or gzip'ed, of two files of records of three bytes: a label
// and an image. What is read is whole, and its labels are classes.
//
//===----------------------------------------------------------------------===//

#include "test/fuzz/readers/MemoryFile.h"

#include "runtime/core/Error.h"
#include "runtime/data/Cifar.h"

#include <algorithm>
#include <cstdlib>

using namespace advx::runtime;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  static MemoryFile archive;
  archive.fill(bytes, size);
  DataDescription data;
  data.name = "data";
  data.image = {1, 1, 2};
  data.classes = 10;
  data.archive = "archive";
  try {
    Images read = readCifar(archive.path(), {"a", "b"}, data);
    int64_t count = 0;
    for (const Images::Part &part : read.parts) {
      count += part.count;
      if (part.records.size() != size_t(part.count) * 3)
        std::abort();
    }
    if (count != read.count || read.labels.size() != size_t(count) ||
        std::any_of(read.labels.begin(), read.labels.end(),
                    [](int64_t label) { return label < 0 || label > 9; }))
      std::abort();
    if (count > 0 && read.image(count - 1) == nullptr)
      std::abort();
  } catch (const Error &) {
  }
  return 0;
}
