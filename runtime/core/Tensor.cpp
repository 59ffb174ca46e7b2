#include "runtime/core/Tensor.h"

using namespace advx::runtime;

int64_t advx::runtime::elementBytes(int32_t dtype) {
  switch (dtype) {
  case ADVX_F32:
    return 4;
  case ADVX_BOOL:
    return 1;
  default:
    return 8;
  }
}

std::string advx::runtime::describe(const AdvxTensor &tensor) {
  static const char *const names[] = {"f32", "f64", "i64", "i1"};
  std::string text = tensor.batched ? "?x" : "";
  for (int32_t axis = 0; axis < tensor.rank; ++axis)
    text += std::to_string(tensor.dims[axis]) + "x";
  return text + (tensor.dtype >= 0 && tensor.dtype < 4 ? names[tensor.dtype] : "?");
}
