#ifndef ADVX_RUNTIME_DATA_NPZ_H
#define ADVX_RUNTIME_DATA_NPZ_H

#include "runtime/data/Images.h"

#include <string>

namespace advx::runtime {

/// Reads files that numpy.savez or numpy.savez_compressed wrote, in `directory`; their images
/// follow each other in the order of `files`. The arrays `description.imageArray` and `labelArray`
/// are bytes of N images, channel by channel or with the channels last, and N integers. An image of
/// one channel may leave that axis out. Images are held once, channel by channel.
Images readNpz(const std::string &directory, const std::vector<std::string> &files,
               const DataDescription &description);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_NPZ_H
