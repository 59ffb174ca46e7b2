// Class labels.

#include "runtime/library/OpSupport.h"

#include <cstring>

using namespace advx::runtime;

/// i1 result[classes] <- y[] (i64): 1 at y
ADVX_OP(one_hot) {
  const AdvxTensor &result = call.tensors[0], &labels = call.tensors[1];
  require(result.rank == 1 && result.dtype == ADVX_BOOL && labels.dtype == ADVX_I64,
          "wants a label and gives a mask");
  require(rowCount(result) == elementCount(labels), "the shapes do not fit");
  int64_t classes = result.dims[0];
  std::memset(result.data, 0, size_t(elementCount(result)));
  for (int64_t row = 0; row < rowCount(result); ++row) {
    int64_t label = dataOf<int64_t>(labels)[row];
    if (label < 0 || label >= classes)
      throw std::out_of_range("label " + std::to_string(label) + " is not one of the " +
                              std::to_string(classes) + " classes 0 to " +
                              std::to_string(classes - 1));
    dataOf<uint8_t>(result)[row * classes + label] = 1;
  }
}
