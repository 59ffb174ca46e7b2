#include "runtime/data/Images.h"

#include <utility>

namespace advx::runtime {

void Images::append(Images more) {
  count += more.count;
  for (Part &part : more.parts)
    parts.push_back(std::move(part));
  labels.insert(labels.end(), more.labels.begin(), more.labels.end());
}

Error labelError(int64_t label, const DataDescription &description, const std::string &where) {
  return dataError("the label of " + where + " is " + std::to_string(label) + ", and " +
                   description.name + " has " + std::to_string(description.classes) +
                   " classes, from 0");
}

} // namespace advx::runtime
