//===- FuzzNpz.cpp - npz files of any bytes are read or refused ---------------===//
//
// The input is a zip archive of two arrays, images of one row of two bytes and their labels. What
// is read is whole, and its labels are classes.
//
//===----------------------------------------------------------------------===//

#include "test/fuzz/readers/MemoryFile.h"

#include "runtime/core/Error.h"
#include "runtime/data/Npz.h"

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
  data.imageArray = "image";
  data.labelArray = "label";
  const std::string path = archive.path();
  const size_t slash = path.rfind('/');
  try {
    Images read = readNpz(path.substr(0, slash), {path.substr(slash + 1)}, data);
    if (read.labels.size() != size_t(read.count) ||
        std::any_of(read.labels.begin(), read.labels.end(),
                    [](int64_t label) { return label < 0 || label > 9; }))
      std::abort();
    if (read.count > 0 && read.image(read.count - 1) == nullptr)
      std::abort();
  } catch (const Error &) {
  }
  return 0;
}
