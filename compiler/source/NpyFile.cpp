//===- NpyFile.cpp - Arrays of numbers as numpy.save writes them -------------===//

#include "compiler/source/NpyFile.h"
#include "compiler/source/NpyHead.h"
#include "compiler/source/ReadPage.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace advx {

namespace {

struct ElementForm {
  const char *name;
  size_t bytes;
  double (*read)(const char *);
};

template <typename T> double readAs(const char *at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return static_cast<double>(value);
}

/// The element types that are read, by numpy's spelling.
const std::map<std::string, ElementForm> &elementForms() {
  static const std::map<std::string, ElementForm> forms = {
      {"|b1", {"bool", 1, readAs<uint8_t>}},    {"|i1", {"int8", 1, readAs<int8_t>}},
      {"|u1", {"uint8", 1, readAs<uint8_t>}},   {"<i2", {"int16", 2, readAs<int16_t>}},
      {"<u2", {"uint16", 2, readAs<uint16_t>}}, {"<i4", {"int32", 4, readAs<int32_t>}},
      {"<u4", {"uint32", 4, readAs<uint32_t>}}, {"<i8", {"int64", 8, readAs<int64_t>}},
      {"<f4", {"float32", 4, readAs<float>}},   {"<f8", {"float64", 8, readAs<double>}}};
  return forms;
}

NpyArray refused(std::string found, std::string expected, std::string help) {
  NpyArray result;
  result.problem = std::move(found);
  result.expected = std::move(expected);
  result.help = std::move(help);
  return result;
}

const char *const saveAgain = "save it again with `numpy.save`";

} // namespace

std::string NpyArray::form() const {
  std::string text = type + " [";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

NpyArray readNpy(const std::string &path, size_t largest) {
  PageText file = readPage(path, largest);
  if (!file.text)
    return refused("a file that " + file.problem,
                   "a `.npy` file of at most " + std::to_string(largest) + " bytes",
                   file.missing ? "a relative name is looked for in the folder of this text"
                                : "check the file and its permissions");
  const std::string &bytes = *file.text;
  size_t begin = 0;
  const NpyHead head = readNpyHead([&](char *target, size_t count) {
    count = std::min(count, bytes.size() - begin);
    std::memcpy(target, bytes.data() + begin, count);
    begin += count;
    return count;
  });
  if (!head.problem.empty())
    return refused(head.problem, head.expected, saveAgain);
  auto form = elementForms().find(head.type);
  if (form == elementForms().end())
    return refused("elements of type `" + head.type + "`",
                   "real numbers (`float32`, `float64`, integers) or truth values, little-endian",
                   "convert it, as in `numpy.save(path, a.astype(\"float32\"))`");
  if (head.isFortran && head.shape.size() > 1)
    return refused("an array in Fortran order", "the last axis fastest, C order",
                   "save it as `numpy.ascontiguousarray(a)`");
  NpyArray result;
  result.shape = head.shape;
  result.type = form->second.name;
  result.isBool = head.type == "|b1";
  size_t count = 1;
  for (int64_t extent : result.shape)
    if (__builtin_mul_overflow(count, static_cast<size_t>(extent), &count))
      return refused("an array of " + result.form(), "one that fits the file", saveAgain);
  if (count == 0)
    return refused("an array without elements, " + result.form(), "at least one number",
                   "check what was saved");
  const size_t have = bytes.size() - begin, width = form->second.bytes;
  if (count > largest || have != count * width)
    return refused(std::to_string(have) + " bytes after the header",
                   "the elements of " + result.form() + ", of " + std::to_string(width) +
                       " bytes each",
                   have < count * width ? "the file is cut short: copy it again" : saveAgain);
  result.values.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const double value = form->second.read(bytes.data() + begin + i * width);
    if (result.isBool && value > 1)
      return refused("a truth value of " + std::to_string(static_cast<int>(value)), "0 or 1",
                     saveAgain);
    if (head.type == "<i8" && (value > 0x1p53 || value < -0x1p53))
      return refused("an integer beyond 2^53", "integers that a double holds",
                     "save it as `float64`, where rounding is meant");
    result.values.push_back(value);
  }
  result.bytes = std::move(*file.text);
  return result;
}

} // namespace advx
