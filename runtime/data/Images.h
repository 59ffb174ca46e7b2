//===- Images.h - Labelled images in memory, and the formats they come in -===//

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

/// A way to read images. `files` are names in `directory`, as the page's data
/// declares them, `image` the shape [channels, height, width] that its images must have. Throws a
/// data error that names the file and what is wrong.
struct DataFormat {
  const char *name;
  Images (*read)(const std::string &directory, const std::vector<std::string> &files,
                 const std::vector<int64_t> &image);
};

/// The format of that name; a data error lists the known ones.
const DataFormat &findDataFormat(const std::string &name);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_IMAGES_H
