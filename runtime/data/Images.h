//===- Images.h - Labelled images in memory -------------------------------===//

#ifndef ADVX_RUNTIME_DATA_IMAGES_H
#define ADVX_RUNTIME_DATA_IMAGES_H

#include "runtime/core/Manifest.h"
#include "runtime/core/Memory.h"

namespace advx::runtime {

/// All images of one file set, as bytes in the order [image][channel][row][column].
struct Images {
  int64_t count = 0;
  std::vector<int64_t> shape; ///< of one image: [channels, height, width]
  Buffer pixels;
  std::vector<int64_t> labels;

  const uint8_t *image(int64_t index) const {
    return reinterpret_cast<const uint8_t *>(pixels.data()) + index * elementCount(shape);
  }
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_IMAGES_H
