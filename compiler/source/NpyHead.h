#ifndef ADVX_SOURCE_NPYHEAD_H
#define ADVX_SOURCE_NPYHEAD_H

//===- NpyHead.h - What stands before the elements of an array ---------------===//

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace advx {

/// What a `.npy` file of format version 1 to 3 says of its elements, or why that cannot be read.
struct NpyHead {
  std::string type;           ///< As numpy spells it: `|u1`, `<f4`.
  bool isFortran = false;     ///< The first axis is the fastest.
  std::vector<int64_t> shape; ///< Empty for a single number.

  std::string problem; ///< What was found instead; empty with a head.
  std::string expected;
};

/// Reads no byte behind the head. `read` gives fewer bytes than asked for only at the end.
NpyHead readNpyHead(const std::function<size_t(char *, size_t)> &read);

} // namespace advx

#endif // ADVX_SOURCE_NPYHEAD_H
