#include "runtime/data/Images.h"

namespace advx::runtime {

Error labelError(int64_t label, const DataDescription &description, const std::string &where) {
  return dataError("the label of " + where + " is " + std::to_string(label) + ", and " +
                   description.name + " has " + std::to_string(description.classes) +
                   " classes, from 0");
}

} // namespace advx::runtime
