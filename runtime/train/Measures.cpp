#include "runtime/train/Measures.h"

#include "runtime/core/JsonNumber.h"

#include <cstdio>

namespace advx::runtime {

namespace {

/// The group of a measure, or nothing, and its name in it.
std::pair<std::string, std::string> split(const std::string &name) {
  size_t dot = name.find('.');
  if (dot == std::string::npos)
    return {std::string(), name};
  return {name.substr(0, dot), name.substr(dot + 1)};
}

} // namespace

Measures::Measures(const Step &step, Session &session) : session(session) {
  for (const Slot &slot : step.outputs) {
    if (slot.batched || !slot.shape.empty() ||
        (slot.dtype != DType::F32 && slot.dtype != DType::F64))
      continue;
    if (slot.name == "loss")
      lossIndex = slots.size();
    slots.push_back(&slot);
  }
  current.resize(slots.size());
}

void Measures::read() {
  for (size_t i = 0; i < slots.size(); ++i)
    current[i] = session.reals(*slots[i], 1).front();
}

void Measures::describe(const std::vector<double> &values, nlohmann::ordered_json &event) const {
  for (size_t i = 0; i < slots.size(); ++i) {
    auto [group, name] = split(slots[i]->name);
    (group.empty() ? event[name] : event[group][name]) = jsonNumber(values[i]);
  }
}

std::string Measures::text(const std::vector<double> &values) const {
  std::string line;
  for (size_t i = 0; i < slots.size(); ++i) {
    auto [group, name] = split(slots[i]->name);
    bool isShare = group == "accuracy";
    char number[64];
    std::snprintf(number, sizeof(number), isShare ? " right %.2f %%" : " %.4f",
                  isShare ? 100 * values[i] : values[i]);
    line += (line.empty() ? "" : ", ") + name + number;
  }
  return line;
}

} // namespace advx::runtime
