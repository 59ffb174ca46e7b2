#include "compiler/codegen/gpu/ThreadTarget.h"

#include "dialect/IR/AdvxTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace advx::codegen {
namespace {

constexpr int64_t kWarpMask = 0xffffffff;

Value address(OpBuilder &builder, Location loc, Value base, Type type, Value scalar,
              int64_t constant) {
  Value place = base;
  auto step = [&](LLVM::GEPArg by) {
    place = builder.create<LLVM::GEPOp>(loc, base.getType(), type, place,
                                        llvm::ArrayRef<LLVM::GEPArg>{by});
  };
  if (scalar)
    step(scalar);
  if (constant)
    step(static_cast<int32_t>(constant));
  return place;
}

/// Whether lanes 0, 1, … lie one after the other, and lane 0 where the whole run may be read in
/// one access.
bool isAlignedRun(const Coordinate &offset, int64_t lanes) {
  return offset.step == 1 && !offset.lanes && offset.constant % lanes == 0 &&
         (!offset.scalar || isMultipleOf(offset.scalar, lanes));
}

/// The address of one lane.
Value laneAddress(OpBuilder &builder, Location loc, Value base, Type type, const Coordinate &offset,
                  int64_t lane) {
  Value place = base;
  if (offset.lanes)
    place = address(builder, loc, place, type,
                    builder.create<vector::ExtractOp>(loc, offset.lanes, lane), 0);
  return address(builder, loc, place, type, offset.scalar, offset.constant + lane * offset.step);
}

} // namespace

bool isMultipleOf(Value value, int64_t factor) {
  llvm::APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue() % factor == 0;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    return loop && argument == loop.getInductionVar() &&
           isMultipleOf(loop.getLowerBound(), factor) && isMultipleOf(loop.getStep(), factor);
  }
  Operation *op = value.getDefiningOp();
  if (isa<arith::MulIOp>(op))
    return isMultipleOf(op->getOperand(0), factor) || isMultipleOf(op->getOperand(1), factor);
  if (isa<arith::AddIOp, arith::SubIOp, arith::RemUIOp>(op))
    return isMultipleOf(op->getOperand(0), factor) && isMultipleOf(op->getOperand(1), factor);
  return false;
}

Value ThreadTarget::load(OpBuilder &builder, Location loc, Value base, Type element,
                         const Coordinate &offset, Value mask, bool invariant) {
  assert(!mask && "threads without an element do not come here");
  Type memory = mlir::advx::storedType(element);
  unsigned bytes = mlir::advx::elementBytes(element);
  auto read = [&](Type type, Value place, unsigned alignment) -> Value {
    return builder.create<LLVM::LoadOp>(loc, type, place, alignment, /*isVolatile=*/false,
                                        /*isNonTemporal=*/false, invariant);
  };
  Value loaded;
  if (offset.uniform() || count == 1) {
    loaded = read(memory, laneAddress(builder, loc, base, memory, offset, 0), bytes);
  } else if (isAlignedRun(offset, count)) {
    loaded = read(VectorType::get({count}, memory),
                  laneAddress(builder, loc, base, memory, offset, 0), bytes * count);
  } else {
    auto type = VectorType::get({count}, memory);
    loaded = builder.create<arith::ConstantOp>(loc, cast<TypedAttr>(builder.getZeroAttr(type)));
    for (int64_t lane = 0; lane < count; ++lane)
      loaded = builder.create<vector::InsertOp>(
          loc, read(memory, laneAddress(builder, loc, base, memory, offset, lane), bytes), loaded,
          lane);
  }
  if (memory == element)
    return loaded;
  Value zero = builder.create<arith::ConstantOp>(
      loc, cast<TypedAttr>(builder.getZeroAttr(loaded.getType())));
  return builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::ne, loaded, zero);
}

void ThreadTarget::store(OpBuilder &builder, Location loc, Value value, Value base, Type element,
                         const Coordinate &offset, Value mask) {
  assert(!mask && "threads without an element do not come here");
  Type memory = mlir::advx::storedType(element);
  unsigned bytes = mlir::advx::elementBytes(element);
  if (memory != element) {
    Type type = isa<VectorType>(value.getType()) ? Type(VectorType::get({count}, memory)) : memory;
    value = builder.create<arith::ExtUIOp>(loc, type, value);
  }
  if (offset.uniform() || count == 1) {
    builder.create<LLVM::StoreOp>(loc, value, laneAddress(builder, loc, base, memory, offset, 0),
                                  bytes);
  } else if (isAlignedRun(offset, count)) {
    builder.create<LLVM::StoreOp>(loc, value, laneAddress(builder, loc, base, memory, offset, 0),
                                  bytes * count);
  } else {
    for (int64_t lane = 0; lane < count; ++lane)
      builder.create<LLVM::StoreOp>(loc, builder.create<vector::ExtractOp>(loc, value, lane),
                                    laneAddress(builder, loc, base, memory, offset, lane), bytes);
  }
}

Value ThreadTarget::exchange(OpBuilder &builder, Location loc, Value value, int64_t distance) {
  Type type = value.getType();
  Type word = builder.getI32Type();
  auto constant = [&](int64_t number) -> Value {
    return builder.create<arith::ConstantOp>(loc, builder.getI32IntegerAttr(number));
  };
  auto shuffle = [&](Value part) -> Value {
    return builder.create<NVVM::ShflOp>(loc, part.getType(), constant(kWarpMask), part,
                                        constant(distance), constant(31), NVVM::ShflKind::bfly,
                                        UnitAttr());
  };
  if (type.isF32() || type == word)
    return shuffle(value);
  if (type.isInteger(1))
    return builder.create<arith::TruncIOp>(
        loc, type, shuffle(builder.create<arith::ExtUIOp>(loc, word, value)));
  // 64 bits go in two halves.
  auto halves = VectorType::get({2}, word);
  Value split = builder.create<LLVM::BitcastOp>(loc, halves, value);
  Value result = split;
  for (int64_t half : {0, 1})
    result = builder.create<vector::InsertOp>(
        loc, shuffle(builder.create<vector::ExtractOp>(loc, split, half)), result, half);
  return builder.create<LLVM::BitcastOp>(loc, type, result);
}

Value ThreadTarget::scratch(OpBuilder &, Location, int64_t) {
  llvm_unreachable("GPU kernels share memory between threads, or compute again");
}

} // namespace advx::codegen
