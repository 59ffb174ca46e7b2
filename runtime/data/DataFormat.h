//===- DataFormat.h - The formats that images come in ---------------------===//

#ifndef ADVX_RUNTIME_DATA_DATAFORMAT_H
#define ADVX_RUNTIME_DATA_DATAFORMAT_H

#include "runtime/data/Images.h"

#include <string>

namespace advx::runtime {

/// A way to get the images of training, or of the test. `description.files(ofTest)` are names, as
/// the page's data declares them, in `directory` or in the data's archive; the images must have the
/// shape that `description` says. Throws a data error that names the file and what is wrong.
struct DataFormat {
  const char *name;
  Images (*read)(const std::string &directory, bool ofTest, const DataDescription &description);
};

/// The format of that name; a data error lists the known ones.
const DataFormat &findDataFormat(const std::string &name);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_DATAFORMAT_H
