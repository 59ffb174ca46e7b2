#include "compiler/codegen/plan/Layout.h"

#include "runtime/abi/advx_abi.h"
#include "llvm/Support/ErrorHandling.h"

using namespace mlir;

namespace advx::codegen {

RankedTensorType bufferType(Type type) { return dyn_cast<RankedTensorType>(type); }

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

} // namespace advx::codegen
