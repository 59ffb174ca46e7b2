#include "runtime/core/Tensor.h"

#include <stdexcept>

using namespace advx::runtime;

const ElementInfo *advx::runtime::elementInfo(int32_t dtype) {
  switch (dtype) {
#define ADVX_ELEMENT(id, code, ir, manifest, stored, bytes)                                        \
  case code: {                                                                                     \
    static constexpr ElementInfo info{ir, manifest, stored, bytes};                                \
    return &info;                                                                                  \
  }
#include "runtime/abi/elements.def"
  default:
    return nullptr;
  }
}

int64_t advx::runtime::elementBytes(int32_t dtype) {
  if (const ElementInfo *element = elementInfo(dtype))
    return element->bytes;
  throw std::invalid_argument("no element type has the code " + std::to_string(dtype));
}

std::string advx::runtime::describe(const AdvxTensor &tensor) {
  std::string text = tensor.batched ? "?x" : "";
  for (int32_t axis = 0; axis < tensor.rank; ++axis)
    text += std::to_string(tensor.dims[axis]) + "x";
  const ElementInfo *element = elementInfo(tensor.dtype);
  return text + (element ? element->ir : "?");
}
