#include "compiler/codegen/plan/Layout.h"

#include "runtime/abi/advx_abi.h"
#include "llvm/Support/ErrorHandling.h"

using namespace mlir;

namespace advx::codegen {

RankedTensorType bufferType(Type type) { return dyn_cast<RankedTensorType>(type); }

bool hasBatchAxis(Type type) {
  auto tensor = bufferType(type);
  return tensor && tensor.getRank() > 0 && tensor.isDynamicDim(0);
}

llvm::ArrayRef<int64_t> exampleAxes(RankedTensorType type) {
  return hasBatchAxis(type) ? type.getShape().drop_front() : type.getShape();
}

int dtypeOf(Type elementType) {
  if (elementType.isF32())
    return ADVX_F32;
  if (elementType.isF64())
    return ADVX_F64;
  if (elementType.isInteger(64))
    return ADVX_I64;
  if (elementType.isInteger(1))
    return ADVX_BOOL;
  return -1;
}

llvm::StringRef dtypeName(Type elementType) {
  switch (dtypeOf(elementType)) {
  case ADVX_F32:
    return "f32";
  case ADVX_F64:
    return "f64";
  case ADVX_I64:
    return "i64";
  case ADVX_BOOL:
    return "bool";
  default:
    llvm_unreachable("an element type that the verifier refuses");
  }
}

int64_t byteSize(RankedTensorType type) {
  int64_t size = 0;
  switch (dtypeOf(type.getElementType())) {
  case ADVX_F32:
    size = 4;
    break;
  case ADVX_F64:
  case ADVX_I64:
    size = 8;
    break;
  case ADVX_BOOL:
    size = 1;
    break;
  default:
    llvm_unreachable("an element type that the verifier refuses");
  }
  for (int64_t axis : exampleAxes(type))
    size *= axis;
  return size;
}

} // namespace advx::codegen
