#include "compiler/codegen/kernels/Arithmetic.h"

#include "compiler/codegen/kernels/FloatMath.h"
#include "dialect/IR/AdvxOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

using FP = arith::CmpFPredicate;

Value compareFloats(OpBuilder &builder, Location loc, FP predicate, Value a, Value b) {
  return builder.create<arith::CmpFOp>(loc, predicate, a, b);
}

Value emitCompare(OpBuilder &builder, CompareOp op, Value a, Value b) {
  auto predicate = static_cast<unsigned>(op.getPredicate());
  Type element = getElementTypeOrSelf(a.getType());
  if (isa<FloatType>(element)) {
    constexpr FP table[] = {FP::OEQ, FP::UNE, FP::OLT, FP::OLE, FP::OGT, FP::OGE};
    return compareFloats(builder, op.getLoc(), table[predicate], a, b);
  }
  using IP = arith::CmpIPredicate;
  constexpr IP words[] = {IP::eq, IP::ne, IP::slt, IP::sle, IP::sgt, IP::sge};
  constexpr IP booleans[] = {IP::eq, IP::ne, IP::ult, IP::ule, IP::ugt, IP::uge};
  return builder.create<arith::CmpIOp>(op.getLoc(),
                                       (element.isInteger(1) ? booleans : words)[predicate], a, b);
}

/// The maximum (`beats`: OGT) or minimum (OLT) of the op's operands; NaN if either is. `a` where
/// they are equal.
Value emitExtreme(OpBuilder &builder, Operation *op, FP beats, Value a, Value b) {
  Location loc = op->getLoc();
  // This is one instruction of x86-64. It keeps `a` where either is NaN.
  Value result =
      builder.create<arith::SelectOp>(loc, compareFloats(builder, loc, beats, b, a), b, a);
  auto constant = op->getOperand(1).getDefiningOp<ConstantOp>();
  if (constant && !constant.getValue().isNaN())
    return result;
  Value isNaN = compareFloats(builder, loc, FP::UNO, b, b);
  return builder.create<arith::SelectOp>(loc, isNaN, b, result);
}

Value emitSign(OpBuilder &builder, Location loc, Value x) {
  Value zero = splatLike(builder, loc, x, 0.0);
  Value below = builder.create<arith::SelectOp>(loc, compareFloats(builder, loc, FP::OLT, x, zero),
                                                splatLike(builder, loc, x, -1.0), zero);
  return builder.create<arith::SelectOp>(loc, compareFloats(builder, loc, FP::OGT, x, zero),
                                         splatLike(builder, loc, x, 1.0), below);
}

Value emitCast(OpBuilder &builder, CastOp op, Value x) {
  Type target = op.getTo();
  if (auto vector = dyn_cast<VectorType>(x.getType()))
    target = VectorType::get(vector.getShape(), target);
  if (getElementTypeOrSelf(x.getType()).isInteger(1))
    return builder.create<arith::UIToFPOp>(op.getLoc(), target, x);
  return builder.create<arith::SIToFPOp>(op.getLoc(), target, x);
}

} // namespace

Value emitElementwise(OpBuilder &builder, Operation *op, llvm::ArrayRef<Value> x) {
  Location loc = op->getLoc();
  // A product and a sum may become one instruction; nothing else is let go.
  auto fast = arith::FastMathFlagsAttr::get(op->getContext(), arith::FastMathFlags::contract);
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](NegOp) { return builder.create<arith::NegFOp>(loc, x[0]); })
      .Case([&](ExpOp) { return emitExp(builder, loc, x[0]); })
      .Case([&](LogOp) { return emitLog(builder, loc, x[0]); })
      .Case([&](SqrtOp) { return builder.create<math::SqrtOp>(loc, x[0]); })
      .Case([&](AbsOp) { return builder.create<math::AbsFOp>(loc, x[0]); })
      .Case([&](SignOp) { return emitSign(builder, loc, x[0]); })
      .Case([&](FloorOp) { return builder.create<math::FloorOp>(loc, x[0]); })
      .Case([&](CeilOp) { return builder.create<math::CeilOp>(loc, x[0]); })
      .Case([&](ReluOp) -> Value {
        // One instruction of x86-64, which keeps a NaN.
        Value zero = splatLike(builder, loc, x[0], 0.0);
        Value negative = compareFloats(builder, loc, FP::OGT, zero, x[0]);
        return builder.create<arith::SelectOp>(loc, negative, zero, x[0]);
      })
      .Case([&](TanhOp) { return emitTanh(builder, loc, x[0]); })
      .Case([&](AddOp) { return builder.create<arith::AddFOp>(loc, x[0], x[1], fast); })
      .Case([&](SubOp) { return builder.create<arith::SubFOp>(loc, x[0], x[1], fast); })
      .Case([&](MulOp) { return builder.create<arith::MulFOp>(loc, x[0], x[1], fast); })
      .Case([&](DivOp) { return builder.create<arith::DivFOp>(loc, x[0], x[1]); })
      .Case([&](PowOp) { return emitPow(builder, loc, x[0], x[1]); })
      .Case([&](MaximumOp) { return emitExtreme(builder, op, FP::OGT, x[0], x[1]); })
      .Case([&](MinimumOp) { return emitExtreme(builder, op, FP::OLT, x[0], x[1]); })
      .Case([&](CompareOp compare) { return emitCompare(builder, compare, x[0], x[1]); })
      .Case([&](LogicalAndOp) { return builder.create<arith::AndIOp>(loc, x[0], x[1]); })
      .Case([&](LogicalOrOp) { return builder.create<arith::OrIOp>(loc, x[0], x[1]); })
      .Case([&](LogicalNotOp) -> Value {
        auto all = cast<TypedAttr>(builder.getOneAttr(x[0].getType()));
        return builder.create<arith::XOrIOp>(loc, x[0],
                                             builder.create<arith::ConstantOp>(loc, all));
      })
      .Case([&](SelectOp) { return builder.create<arith::SelectOp>(loc, x[0], x[1], x[2]); })
      .Case([&](CastOp cast) { return emitCast(builder, cast, x[0]); })
      .Default([](Operation *) { return Value(); });
}

bool isExpensive(Operation *op) { return isa<ExpOp, LogOp, PowOp, TanhOp, DivOp, SqrtOp>(op); }

} // namespace advx::codegen
