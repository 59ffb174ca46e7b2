#include "compiler/codegen/cpu/VectorTarget.h"

#include "dialect/IR/AdvxTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace advx::codegen {
namespace {

Type pointerType(OpBuilder &builder) { return LLVM::LLVMPointerType::get(builder.getContext()); }

Value address(OpBuilder &builder, Location loc, Value base, Type type, const Coordinate &offset) {
  Value place = base;
  auto step = [&](LLVM::GEPArg by) {
    place = builder.create<LLVM::GEPOp>(loc, pointerType(builder), type, place,
                                        llvm::ArrayRef<LLVM::GEPArg>{by});
  };
  if (offset.scalar)
    step(offset.scalar);
  if (offset.constant)
    step(static_cast<int32_t>(offset.constant));
  return place;
}

/// An address for each lane.
Value addresses(OpBuilder &builder, Location loc, Value base, Type type, const Coordinate &offset,
                int64_t lanes) {
  Value start = address(builder, loc, base, type, offset);
  Value places = offset.lanes;
  if (!places) {
    llvm::SmallVector<int64_t> steps;
    for (int64_t lane = 0; lane < lanes; ++lane)
      steps.push_back(lane * offset.step);
    auto words = VectorType::get({lanes}, builder.getI64Type());
    places = builder.create<arith::ConstantOp>(
        loc, DenseElementsAttr::get(words, llvm::ArrayRef<int64_t>(steps)));
  }
  Type pointers = LLVM::LLVMFixedVectorType::get(pointerType(builder), lanes);
  return builder.create<LLVM::GEPOp>(loc, pointers, type, start,
                                     llvm::ArrayRef<LLVM::GEPArg>{places});
}

Value allLanes(OpBuilder &builder, Location loc, int64_t lanes) {
  auto type = VectorType::get({lanes}, builder.getI1Type());
  return builder.create<arith::ConstantOp>(loc, DenseElementsAttr::get(type, true));
}

Value zeros(OpBuilder &builder, Location loc, Type type) {
  return builder.create<arith::ConstantOp>(loc, cast<TypedAttr>(builder.getZeroAttr(type)));
}

} // namespace

Value VectorTarget::load(OpBuilder &builder, Location loc, Value base, Type element,
                         const Coordinate &offset, Value mask, bool invariant) {
  Type memory = mlir::advx::storedType(element);
  unsigned alignment = mlir::advx::elementBytes(element);
  Value loaded;
  if (offset.uniform() || (offset.step == 1 && !offset.lanes && !mask)) {
    Type type = offset.uniform() ? memory : VectorType::get({count}, memory);
    Value place = address(builder, loc, base, memory, offset);
    loaded = builder.create<LLVM::LoadOp>(loc, type, place, alignment, /*isVolatile=*/false,
                                          /*isNonTemporal=*/false, invariant);
  } else {
    auto type = VectorType::get({count}, memory);
    Value none = zeros(builder, loc, type);
    if (offset.step == 1 && !offset.lanes)
      loaded = builder.create<LLVM::MaskedLoadOp>(
          loc, type, address(builder, loc, base, memory, offset), mask, none, alignment);
    else
      loaded = builder.create<LLVM::masked_gather>(
          loc, type, addresses(builder, loc, base, memory, offset, count),
          mask ? mask : allLanes(builder, loc, count), none, alignment);
  }
  if (memory == element)
    return loaded;
  return builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::ne, loaded,
                                       zeros(builder, loc, loaded.getType()));
}

void VectorTarget::store(OpBuilder &builder, Location loc, Value value, Value base, Type element,
                         const Coordinate &offset, Value mask) {
  Type memory = mlir::advx::storedType(element);
  unsigned alignment = mlir::advx::elementBytes(element);
  if (memory != element) {
    Type type = isa<VectorType>(value.getType()) ? Type(VectorType::get({count}, memory)) : memory;
    value = builder.create<arith::ExtUIOp>(loc, type, value);
  }
  if (offset.uniform() || (offset.step == 1 && !offset.lanes && !mask)) {
    builder.create<LLVM::StoreOp>(loc, value, address(builder, loc, base, memory, offset),
                                  alignment);
    return;
  }
  if (offset.step == 1 && !offset.lanes) {
    builder.create<LLVM::MaskedStoreOp>(loc, value, address(builder, loc, base, memory, offset),
                                        mask, alignment);
    return;
  }
  builder.create<LLVM::masked_scatter>(loc, value,
                                       addresses(builder, loc, base, memory, offset, count),
                                       mask ? mask : allLanes(builder, loc, count), alignment);
}

Value VectorTarget::exchange(OpBuilder &builder, Location loc, Value vector, int64_t distance) {
  llvm::SmallVector<int64_t> order;
  for (int64_t lane = 0; lane < count; ++lane)
    order.push_back(lane ^ distance);
  return builder.create<vector::ShuffleOp>(loc, vector, vector, order);
}

Value VectorTarget::anyLane(OpBuilder &builder, Location loc, Value vector) {
  return builder.create<vector::ExtractOp>(loc, vector, int64_t{0});
}

Value VectorTarget::scratch(OpBuilder &builder, Location loc, int64_t bytes) {
  Value size = builder.create<LLVM::ConstantOp>(loc, builder.getI64IntegerAttr(bytes));
  return builder.create<LLVM::AllocaOp>(loc, pointerType(builder), builder.getI8Type(), size,
                                        /*alignment=*/64);
}

} // namespace advx::codegen
