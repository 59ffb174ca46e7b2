#ifndef ADVX_SOURCE_NPYFILE_H
#define ADVX_SOURCE_NPYFILE_H

//===- NpyFile.h - Arrays of numbers as numpy.save writes them ---------------===//

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace advx {

/// The largest file that is read, in bytes: its numbers become part of the program.
constexpr size_t largestNpy = size_t(1) << 24;

/// An array of numbers, or why it cannot be had.
struct NpyArray {
  std::vector<int64_t> shape; ///< Empty for a single number.
  std::vector<double> values; ///< In the order of the axes, the last one fastest.
  bool isBool = false;        ///< Of truth values, 0 and 1.
  std::string type;           ///< `float32`, `int64`, `bool`.
  std::string bytes;          ///< The whole file.

  std::string problem; ///< What was found instead; empty with an array.
  std::string expected, help;

  /// `float32 [1, 28, 28]`.
  std::string form() const;
};

/// Reads a regular file of format version 1 to 3 with real numbers or truth values, little-endian
/// and in C order. Nothing of it is executed: pickled objects are refused.
NpyArray readNpy(const std::string &path, size_t largest);

} // namespace advx

#endif // ADVX_SOURCE_NPYFILE_H
