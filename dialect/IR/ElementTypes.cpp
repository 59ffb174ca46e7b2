//===- ElementTypes.cpp - What the elements of tensors may be -------------===//

#include "dialect/IR/ElementTypes.h"

#include "mlir/IR/BuiltinTypes.h"
#include "runtime/abi/advx_abi.h"
#include "llvm/Support/ErrorHandling.h"

using namespace mlir;

namespace mlir::advx {

int dtypeOf(Type element) {
  if (element.isF32())
    return ADVX_F32;
  if (element.isF64())
    return ADVX_F64;
  if (element.isSignlessInteger(64))
    return ADVX_I64;
  if (element.isSignlessInteger(1))
    return ADVX_BOOL;
  return -1;
}

namespace {

struct Entry {
  StringRef manifest;
  int64_t bytes;
};

Entry entryOf(Type element) {
  switch (dtypeOf(element)) {
#define ADVX_ELEMENT(id, code, ir, manifest, stored, bytes)                                        \
  case code:                                                                                       \
    return {manifest, bytes};
#include "runtime/abi/elements.def"
  default:
    llvm_unreachable("an element type that verifiers refuse");
  }
}

} // namespace

StringRef dtypeName(Type element) { return entryOf(element).manifest; }
int64_t elementBytes(Type element) { return entryOf(element).bytes; }

Type storedType(Type element) {
  return isBoolElement(element) ? IntegerType::get(element.getContext(), 8) : element;
}

bool isFloatElement(Type type) { return dtypeOf(type) >= 0 && isa<FloatType>(type); }
bool isIntElement(Type type) { return dtypeOf(type) == ADVX_I64; }
bool isBoolElement(Type type) { return dtypeOf(type) == ADVX_BOOL; }

bool holdsAll(Type to, Type from) {
  if (isBoolElement(from))
    return true;
  auto wide = dyn_cast<FloatType>(to), narrow = dyn_cast<FloatType>(from);
  if (!wide || !narrow)
    return false;
  using F = llvm::APFloat;
  const llvm::fltSemantics &w = wide.getFloatSemantics(), &n = narrow.getFloatSemantics();
  return F::semanticsPrecision(n) <= F::semanticsPrecision(w) &&
         F::semanticsMinExponent(n) >= F::semanticsMinExponent(w) &&
         F::semanticsMaxExponent(n) <= F::semanticsMaxExponent(w);
}

Type accumulatorOf(Type element) { return Float64Type::get(element.getContext()); }

Type narrowestFloat(Operation *op) {
  Type narrowest;
  auto look = [&](TypeRange types) {
    for (Type type : types) {
      auto tensor = dyn_cast<TensorType>(type);
      if (!tensor || !isFloatElement(tensor.getElementType()))
        continue;
      Type element = tensor.getElementType();
      if (!narrowest || elementBytes(element) < elementBytes(narrowest))
        narrowest = element;
    }
  };
  op->walk([&](Operation *inner) {
    look(inner->getResultTypes());
    for (Region &region : inner->getRegions())
      for (Block &block : region)
        look(block.getArgumentTypes());
  });
  return narrowest;
}

} // namespace mlir::advx
