//===- AdvxTypes.cpp - Tensors with the batch in the type -----------------===//

#include "dialect/IR/AdvxTypes.h"

#include "llvm/ADT/Sequence.h"

using namespace mlir;

namespace mlir::advx {

bool isBatched(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() > 0 && tensor.isDynamicDim(0);
}

ArrayRef<int64_t> exampleShape(Type type) {
  return cast<RankedTensorType>(type).getShape().drop_front(isBatched(type) ? 1 : 0);
}

int64_t exampleRank(Type type) { return static_cast<int64_t>(exampleShape(type).size()); }

int64_t exampleElements(Type type) {
  int64_t elements = 1;
  for (int64_t size : exampleShape(type))
    elements *= size;
  return elements;
}

int64_t exampleBytes(Type type) {
  return exampleElements(type) * elementBytes(cast<RankedTensorType>(type).getElementType());
}

RankedTensorType tensorType(ArrayRef<int64_t> exampleShape, Type elementType, bool batched) {
  SmallVector<int64_t> shape;
  if (batched)
    shape.push_back(ShapedType::kDynamic);
  shape.append(exampleShape.begin(), exampleShape.end());
  return RankedTensorType::get(shape, elementType);
}

RankedTensorType withBatch(Type type) {
  return tensorType(exampleShape(type), cast<RankedTensorType>(type).getElementType(), true);
}

RankedTensorType withoutBatch(Type type) {
  return tensorType(exampleShape(type), cast<RankedTensorType>(type).getElementType(), false);
}

SmallVector<int64_t> axesOrAll(Type type, std::optional<ArrayRef<int64_t>> axes) {
  if (axes)
    return SmallVector<int64_t>(*axes);
  if (!isa<RankedTensorType>(type))
    return {};
  return llvm::to_vector(llvm::seq<int64_t>(0, exampleRank(type)));
}

/// A tensor whose only dynamic axis is the leading one.
static bool hasOnlyBatchDynamic(TensorType type) {
  auto ranked = dyn_cast<RankedTensorType>(type);
  if (!ranked)
    return true;
  if (ranked.getEncoding())
    return false;
  return llvm::none_of(exampleShape(ranked), ShapedType::isDynamic);
}

static bool isTensorOf(Type type, bool floats, bool integers, bool booleans) {
  auto tensor = dyn_cast<TensorType>(type);
  if (!tensor || !hasOnlyBatchDynamic(tensor))
    return false;
  Type element = tensor.getElementType();
  return (floats && isFloatElement(element)) || (integers && isIntElement(element)) ||
         (booleans && isBoolElement(element));
}

bool isFloatTensor(Type type) { return isTensorOf(type, true, false, false); }
bool isIntTensor(Type type) { return isTensorOf(type, false, true, false); }
bool isBoolTensor(Type type) { return isTensorOf(type, false, false, true); }
bool isNumberTensor(Type type) { return isTensorOf(type, true, true, false); }
bool isDiscreteTensor(Type type) { return isTensorOf(type, false, true, true); }
bool isTensor(Type type) { return isTensorOf(type, true, true, true); }

uint64_t streamHash(StringRef name) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

} // namespace mlir::advx
