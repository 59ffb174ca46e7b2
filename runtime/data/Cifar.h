#ifndef ADVX_RUNTIME_DATA_CIFAR_H
#define ADVX_RUNTIME_DATA_CIFAR_H

#include "runtime/data/Images.h"

#include <string>

namespace advx::runtime {

/// Reads the binary version of https://www.cs.toronto.edu/~kriz/cifar.html: files of records, each
/// the label (of `description.labelBytes` bytes the last one) and the image, channel by channel.
/// The files lie in `directory`, plain or compressed, or in the data's archive, there or in place
/// of `directory`; their images follow each other in the order of `files`.
Images readCifar(const std::string &directory, const std::vector<std::string> &files,
                 const DataDescription &description);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_CIFAR_H
