#include "runtime/data/DataFormat.h"

#include "runtime/core/Error.h"
#include "runtime/data/Idx.h"

namespace advx::runtime {

namespace {

const DataFormat formats[] = {
    {"idx", readIdx},
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
