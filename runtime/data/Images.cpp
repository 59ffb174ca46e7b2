#include "runtime/data/Images.h"

#include "runtime/core/Error.h"

namespace advx::runtime {

void checkLabel(int64_t label, const DataDescription &description, const std::string &where) {
  if (label >= description.classes)
    throw dataError("the label of " + where + " is " + std::to_string(label) + ", and " +
                    description.name + " has " + std::to_string(description.classes) +
                    " classes, from 0");
}

} // namespace advx::runtime
