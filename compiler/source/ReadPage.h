#ifndef ADVX_SOURCE_READPAGE_H
#define ADVX_SOURCE_READPAGE_H

#include <cstddef>
#include <optional>
#include <string>

namespace advx {

/// The largest file of .advx text that is read.
constexpr size_t largestPage = size_t(1) << 20;

/// The bytes of a page, or why they cannot be had.
struct PageText {
  std::optional<std::string> text;
  std::string problem;  ///< `is a directory`, `has more than 1048576 bytes`; empty with a text.
  bool missing = false; ///< No such file.
};

/// Reads a regular file of at most `largest` bytes; anything else (a directory, a pipe, a device)
/// is refused at once and not opened for reading.
PageText readPage(const std::string &path, size_t largest = largestPage);

} // namespace advx

#endif // ADVX_SOURCE_READPAGE_H
