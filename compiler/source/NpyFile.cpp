//===- NpyFile.cpp - Arrays of numbers as numpy.save writes them -------------===//

#include "compiler/source/NpyFile.h"
#include "compiler/source/ReadPage.h"

#include <cstring>
#include <map>
#include <optional>

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

/// The dictionary of a header, `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
class Header {
public:
  explicit Header(const std::string &text) : text(text) {}

  std::optional<std::string> descr;
  std::optional<bool> fortran;
  std::optional<std::vector<int64_t>> shape;

  bool read() {
    if (!take('{'))
      return false;
    while (!take('}')) {
      std::optional<std::string> key = quoted();
      if (!key || !take(':') || !value(*key))
        return false;
      take(',');
    }
    return descr && fortran && shape;
  }

private:
  void skip() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n'))
      ++at;
  }
  bool take(char c) {
    skip();
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  bool word(const char *expected) {
    skip();
    if (text.compare(at, std::strlen(expected), expected) != 0)
      return false;
    at += std::strlen(expected);
    return true;
  }
  std::optional<std::string> quoted() {
    if (!take('\''))
      return std::nullopt;
    const size_t end = text.find('\'', at);
    if (end == std::string::npos)
      return std::nullopt;
    std::string result = text.substr(at, end - at);
    at = end + 1;
    return result;
  }
  bool value(const std::string &key) {
    if (key == "descr") {
      skip();
      // Records are described by a list.
      const size_t end = text.find("'fortran_order'", at);
      const size_t last = end == std::string::npos ? end : text.find_last_not_of(", ", end - 1);
      descr = at < text.size() && text[at] == '\'' ? quoted() : text.substr(at, last + 1 - at);
      if (descr && elementForms().count(*descr) == 0 && end != std::string::npos)
        at = std::max(at, last + 1);
      return descr.has_value();
    }
    if (key == "fortran_order") {
      const bool isTrue = word("True");
      fortran = isTrue;
      return isTrue || word("False");
    }
    if (key != "shape" || !take('('))
      return false;
    shape.emplace();
    while (!take(')')) {
      skip();
      int64_t extent = 0;
      size_t digits = 0;
      for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && digits < 18; ++at, ++digits)
        extent = 10 * extent + (text[at] - '0');
      if (digits == 0)
        return false;
      shape->push_back(extent);
      take(',');
    }
    return true;
  }

  const std::string &text;
  size_t at = 0;
};

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
  const std::string isNpy = "an array that `numpy.save` wrote";
  constexpr size_t magic = 6, fixed = 10;
  if (bytes.size() < fixed || bytes.compare(0, magic, "\x93NUMPY") != 0)
    return refused("no `.npy` file", isNpy, saveAgain);
  const auto byte = [&](size_t at) { return static_cast<size_t>(static_cast<uint8_t>(bytes[at])); };
  const size_t version = byte(magic);
  if (version < 1 || version > 3)
    return refused("version " + std::to_string(version) + " of the format", "version 1 to 3",
                   saveAgain);
  size_t length = byte(8) | byte(9) << 8, begin = fixed;
  if (version > 1) {
    begin += 2;
    if (bytes.size() < begin)
      return refused("a file that ends in its header", isNpy, saveAgain);
    length |= byte(10) << 16 | byte(11) << 24;
  }
  if (bytes.size() - begin < length)
    return refused("a file that ends in its header", isNpy, saveAgain);
  const std::string text = bytes.substr(begin, length);
  Header header(text);
  if (!header.read())
    return refused("a header that cannot be read", isNpy, saveAgain);
  auto form = elementForms().find(*header.descr);
  if (form == elementForms().end())
    return refused("elements of type `" + *header.descr + "`",
                   "real numbers (`float32`, `float64`, integers) or truth values, little-endian",
                   "convert it, as in `numpy.save(path, a.astype(\"float32\"))`");
  if (*header.fortran && header.shape->size() > 1)
    return refused("an array in Fortran order", "the last axis fastest, C order",
                   "save it as `numpy.ascontiguousarray(a)`");
  NpyArray result;
  result.shape = *header.shape;
  result.type = form->second.name;
  result.isBool = *header.descr == "|b1";
  size_t count = 1;
  for (int64_t extent : result.shape)
    if (__builtin_mul_overflow(count, static_cast<size_t>(extent), &count))
      return refused("an array of " + result.form(), "one that fits the file", saveAgain);
  if (count == 0)
    return refused("an array without elements, " + result.form(), "at least one number",
                   "check what was saved");
  const size_t have = bytes.size() - begin - length, width = form->second.bytes;
  if (count > largest || have != count * width)
    return refused(std::to_string(have) + " bytes after the header",
                   "the elements of " + result.form() + ", of " + std::to_string(width) +
                       " bytes each",
                   have < count * width ? "the file is cut short: copy it again" : saveAgain);
  result.values.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const double value = form->second.read(bytes.data() + begin + length + i * width);
    if (result.isBool && value > 1)
      return refused("a truth value of " + std::to_string(static_cast<int>(value)), "0 or 1",
                     saveAgain);
    if (*header.descr == "<i8" && (value > 0x1p53 || value < -0x1p53))
      return refused("an integer beyond 2^53", "integers that a double holds",
                     "save it as `float64`, where rounding is meant");
    result.values.push_back(value);
  }
  result.bytes = std::move(*file.text);
  return result;
}

} // namespace advx
