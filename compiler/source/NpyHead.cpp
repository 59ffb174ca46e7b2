//===- NpyHead.cpp - What stands before the elements of an array -------------===//

#include "compiler/source/NpyHead.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace advx {

namespace {

/// No array has so long a head; what asks for more is no `.npy` file.
constexpr size_t longest = size_t(1) << 20;

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
      const bool isList = at >= text.size() || text[at] != '\'';
      descr = isList ? text.substr(std::min(at, text.size()), last + 1 - at) : quoted();
      if (isList && end != std::string::npos)
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

NpyHead refused(std::string found, std::string expected) {
  NpyHead head;
  head.problem = std::move(found);
  head.expected = std::move(expected);
  return head;
}

} // namespace

NpyHead readNpyHead(const std::function<size_t(char *, size_t)> &read) {
  const std::string isNpy = "an array that `numpy.save` wrote";
  constexpr size_t magic = 6, fixed = 10;
  char begin[fixed + 2];
  if (read(begin, fixed) < fixed || std::memcmp(begin, "\x93NUMPY", magic) != 0)
    return refused("no `.npy` file", isNpy);
  const auto byte = [&](size_t at) { return static_cast<size_t>(static_cast<uint8_t>(begin[at])); };
  const size_t version = byte(magic);
  if (version < 1 || version > 3)
    return refused("version " + std::to_string(version) + " of the format", "version 1 to 3");
  size_t length = byte(8) | byte(9) << 8;
  if (version > 1) {
    if (read(begin + fixed, 2) < 2)
      return refused("a file that ends in its header", isNpy);
    length |= byte(10) << 16 | byte(11) << 24;
  }
  std::string text(std::min(length, longest), '\0');
  if (read(text.data(), text.size()) < text.size())
    return refused("a file that ends in its header", isNpy);
  Header header(text);
  if (length > longest || !header.read())
    return refused("a header that cannot be read", isNpy);
  NpyHead head;
  head.type = *header.descr;
  head.isFortran = *header.fortran;
  head.shape = *header.shape;
  return head;
}

} // namespace advx
