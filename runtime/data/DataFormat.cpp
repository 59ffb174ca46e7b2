#include "runtime/data/DataFormat.h"

#include "runtime/core/Error.h"
#include "runtime/data/Cifar.h"
#include "runtime/data/Idx.h"
#include "runtime/data/Npz.h"
#include "runtime/data/Synthetic.h"

namespace advx::runtime {

namespace {

const DataFormat formats[] = {
    {"idx",
     [](const std::string &directory, bool ofTest, const DataDescription &description) {
       const std::vector<std::string> &files = description.files(ofTest);
       Images images = readIdx(directory, files, description.image);
       for (int64_t i = 0; i < images.count; ++i)
         checkLabel(images.labels[size_t(i)], description,
                    [&] { return "example " + std::to_string(i) + " in `" + files.back() + "`"; });
       return images;
     }},
    {"cifar",
     [](const std::string &directory, bool ofTest, const DataDescription &description) {
       return readCifar(directory, description.files(ofTest), description);
     }},
    {"npz",
     [](const std::string &directory, bool ofTest, const DataDescription &description) {
       return readNpz(directory, description.files(ofTest), description);
     }},
    {"synthetic",
     [](const std::string &, bool ofTest, const DataDescription &description) {
       return makeSynthetic(ofTest, description);
     }},
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
