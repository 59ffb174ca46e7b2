#ifndef ADVX_RUNTIME_CORE_TENSOR_H
#define ADVX_RUNTIME_CORE_TENSOR_H

#include "runtime/abi/advx_abi.h"

#include <cstdint>
#include <string>

namespace advx::runtime {

/// Number of examples: 1 for a tensor without a batch axis.
inline int64_t rowCount(const AdvxTensor &tensor) { return tensor.batched ? tensor.batch : 1; }

/// Number of elements of one example, or of the whole tensor without a batch axis.
inline int64_t rowSize(const AdvxTensor &tensor) {
  int64_t size = 1;
  for (int32_t axis = 0; axis < tensor.rank; ++axis)
    size *= tensor.dims[axis];
  return size;
}

inline int64_t elementCount(const AdvxTensor &tensor) { return rowCount(tensor) * rowSize(tensor); }

/// Elements between two examples; 0 where all examples share one.
inline int64_t rowStride(const AdvxTensor &tensor) { return tensor.batched ? rowSize(tensor) : 0; }

template <typename T> T *dataOf(const AdvxTensor &tensor) { return static_cast<T *>(tensor.data); }

/// A line of runtime/abi/elements.def.
struct ElementInfo {
  const char *ir, *manifest, *stored; ///< its names
  int64_t bytes;                      ///< of one element
};

/// Of a type as AdvxTensor::dtype names it; null where no type has this code.
const ElementInfo *elementInfo(int32_t dtype);

/// Bytes of one element of a type; throws where no type has this code.
int64_t elementBytes(int32_t dtype);
inline int64_t elementBytes(const AdvxTensor &tensor) { return elementBytes(tensor.dtype); }

/// A tensor's type for messages, such as `?x3x32x32xf32` or `10x100xf64`.
std::string describe(const AdvxTensor &tensor);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_TENSOR_H
