//===- Images.h - Labelled images in memory -------------------------------===//

#ifndef ADVX_RUNTIME_DATA_IMAGES_H
#define ADVX_RUNTIME_DATA_IMAGES_H

#include "runtime/core/Error.h"
#include "runtime/core/Manifest.h"
#include "runtime/core/Memory.h"

#include <string>

namespace advx::runtime {

/// All images of the training files or of the test files, those of a mixture one part after the
/// other. They stay as their files have them: an image is the last bytes of a record, in the order
/// of its shape, and what the record has before them is not looked at.
struct Images {
  /// The records of one file.
  struct Part {
    Buffer records;
    int64_t count = 0;
    int64_t before = 0; ///< bytes of a record before its image
  };

  int64_t count = 0;
  std::vector<int64_t> shape; ///< of one image: [channels, height, width], or any other
  std::vector<Part> parts;
  std::vector<int64_t> labels;

  int64_t imageBytes() const { return elementCount(shape); }
  const uint8_t *image(int64_t index) const {
    auto part = parts.begin();
    for (; index >= part->count; ++part) // a data set has few files
      index -= part->count;
    return reinterpret_cast<const uint8_t *>(part->records.data()) +
           index * (part->before + imageBytes()) + part->before;
  }
  /// Puts `more`, images of the same shape, behind these.
  void append(Images more);
};

/// A data error about a label that is no class; `where` says which one it is, as in
/// "example 3 in `labels`".
Error labelError(int64_t label, const DataDescription &description, const std::string &where);

/// Throws it where a label is no class. `where()` is asked for the error alone: there are many
/// labels.
template <typename Where>
void checkLabel(int64_t label, const DataDescription &description, Where &&where) {
  if (label < 0 || label >= description.classes)
    throw labelError(label, description, where());
}

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_IMAGES_H
