#ifndef ADVX_RUNTIME_DATA_IDX_H
#define ADVX_RUNTIME_DATA_IDX_H

#include "runtime/data/Images.h"

namespace advx::runtime {

/// Reads the IDX format of http://yann.lecun.com/exdb/mnist: `files` are the
/// images (bytes, of one axis more than an image has; grey images may leave out
/// their channel) and the labels (bytes of one axis), each as it is or compressed, with `.gz`
/// behind its name. Images of another shape than `image` are refused before they are read.
Images readIdx(const std::string &directory, const std::vector<std::string> &files,
               const std::vector<int64_t> &image);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_IDX_H
