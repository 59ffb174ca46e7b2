#include "runtime/data/DataFormat.h"

#include "runtime/core/Error.h"
#include "runtime/data/Cifar.h"
#include "runtime/data/Idx.h"

namespace advx::runtime {

namespace {

const DataFormat formats[] = {
    {"idx",
     [](const std::string &directory, const std::vector<std::string> &files,
        const DataDescription &description) {
       Images images = readIdx(directory, files, description.image);
       for (int64_t i = 0; i < images.count; ++i)
         checkLabel(images.labels[size_t(i)], description,
                    [&] { return "example " + std::to_string(i) + " in `" + files.back() + "`"; });
       return images;
     }},
    {"cifar", readCifar},
};

} // namespace

const DataFormat &findDataFormat(const std::string &name) {
  std::string known;
  for (const DataFormat &format : formats) {
    if (name == format.name)
      return format;
    known += (known.empty() ? "" : ", ") + std::string(format.name);
  }
  throw dataError("this runtime cannot read data in the format `" + name + "`; it knows " + known);
}

} // namespace advx::runtime
