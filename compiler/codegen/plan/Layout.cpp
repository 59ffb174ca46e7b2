#include "compiler/codegen/plan/Layout.h"

using namespace mlir;

namespace advx::codegen {

RankedTensorType bufferType(Type type) { return dyn_cast<RankedTensorType>(type); }

} // namespace advx::codegen
