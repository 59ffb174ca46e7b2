//===- ScalarForms.cpp - One element of each elementwise op ----------------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/FloatMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::advx;

using Elements = ArrayRef<Value>;
using FP = arith::CmpFPredicate;

namespace {

Value compareFloats(OpBuilder &builder, Location loc, FP predicate, Value a, Value b) {
  return builder.create<arith::CmpFOp>(loc, predicate, a, b);
}

/// The maximum (`beats`: OGT) or minimum (OLT) of the op's operands; NaN if either is. `a` where
/// they are equal.
Value emitExtreme(OpBuilder &builder, Location loc, Operation *op, FP beats, Value a, Value b) {
  // This is one instruction of x86-64. It keeps `a` where either is NaN.
  Value result =
      builder.create<arith::SelectOp>(loc, compareFloats(builder, loc, beats, b, a), b, a);
  auto constant = op->getOperand(1).getDefiningOp<ConstantOp>();
  if (constant && !constant.getValue().isNaN())
    return result;
  Value isNaN = compareFloats(builder, loc, FP::UNO, b, b);
  return builder.create<arith::SelectOp>(loc, isNaN, b, result);
}

/// A product and a sum may become one instruction; nothing else is let go.
arith::FastMathFlagsAttr contract(OpBuilder &builder) {
  return arith::FastMathFlagsAttr::get(builder.getContext(), arith::FastMathFlags::contract);
}

} // namespace

//===----------------------------------------------------------------------===//
// One operand
//===----------------------------------------------------------------------===//

Value NegOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return builder.create<arith::NegFOp>(loc, x[0]);
}

Value ExpOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return emitExp(builder, loc, x[0]);
}

Value LogOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return emitLog(builder, loc, x[0]);
}

Value SqrtOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return builder.create<math::SqrtOp>(loc, x[0]);
}

Value AbsOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return builder.create<math::AbsFOp>(loc, x[0]);
}

Value SignOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  Value zero = splatLike(builder, loc, x[0], 0.0);
  Value minusOne = splatLike(builder, loc, x[0], -1.0);
  Value isBelow = compareFloats(builder, loc, FP::OLT, x[0], zero);
  Value below = builder.create<arith::SelectOp>(loc, isBelow, minusOne, zero);
  Value one = splatLike(builder, loc, x[0], 1.0);
  Value isAbove = compareFloats(builder, loc, FP::OGT, x[0], zero);
  return builder.create<arith::SelectOp>(loc, isAbove, one, below);
}

Value FloorOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return builder.create<math::FloorOp>(loc, x[0]);
}

Value CeilOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return builder.create<math::CeilOp>(loc, x[0]);
}

// One instruction of x86-64, which keeps a NaN.
Value ReluOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  Value zero = splatLike(builder, loc, x[0], 0.0);
  Value negative = compareFloats(builder, loc, FP::OGT, zero, x[0]);
  return builder.create<arith::SelectOp>(loc, negative, zero, x[0]);
}

Value TanhOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return emitTanh(builder, loc, x[0]);
}

Value ErfOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return emitErf(builder, loc, x[0]);
}

//===----------------------------------------------------------------------===//
// Two operands
//===----------------------------------------------------------------------===//

Value AddOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return builder.create<arith::AddFOp>(loc, x[0], x[1], contract(builder));
}

Value SubOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return builder.create<arith::SubFOp>(loc, x[0], x[1], contract(builder));
}

Value MulOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return builder.create<arith::MulFOp>(loc, x[0], x[1], contract(builder));
}

Value DivOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return builder.create<arith::DivFOp>(loc, x[0], x[1]);
}

Value PowOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return emitPow(builder, loc, x[0], x[1]);
}

Value MaximumOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return emitExtreme(builder, loc, *this, FP::OGT, x[0], x[1]);
}

Value MinimumOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return emitExtreme(builder, loc, *this, FP::OLT, x[0], x[1]);
}

//===----------------------------------------------------------------------===//
// Booleans and choice
//===----------------------------------------------------------------------===//

Value CompareOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  auto predicate = static_cast<unsigned>(getPredicate());
  Type element = getElementTypeOrSelf(x[0].getType());
  if (isa<FloatType>(element)) {
    constexpr FP table[] = {FP::OEQ, FP::UNE, FP::OLT, FP::OLE, FP::OGT, FP::OGE};
    return compareFloats(builder, loc, table[predicate], x[0], x[1]);
  }
  using IP = arith::CmpIPredicate;
  constexpr IP words[] = {IP::eq, IP::ne, IP::slt, IP::sle, IP::sgt, IP::sge};
  constexpr IP booleans[] = {IP::eq, IP::ne, IP::ult, IP::ule, IP::ugt, IP::uge};
  return builder.create<arith::CmpIOp>(loc, (element.isInteger(1) ? booleans : words)[predicate],
                                       x[0], x[1]);
}

Value LogicalAndOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return builder.create<arith::AndIOp>(loc, x[0], x[1]);
}

Value LogicalOrOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return builder.create<arith::OrIOp>(loc, x[0], x[1]);
}

Value LogicalNotOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  auto all = cast<TypedAttr>(builder.getOneAttr(x[0].getType()));
  return builder.create<arith::XOrIOp>(loc, x[0], builder.create<arith::ConstantOp>(loc, all));
}

Value SelectOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  return builder.create<arith::SelectOp>(loc, x[0], x[1], x[2]);
}

Value CastOp::buildScalar(OpBuilder &builder, Location loc, Elements x) {
  Type source = getElementTypeOrSelf(x[0].getType()), target = getTo();
  if (source == target)
    return x[0];
  bool widens = holdsAll(target, source);
  if (auto vector = dyn_cast<VectorType>(x[0].getType()))
    target = VectorType::get(vector.getShape(), target);
  if (isFloatElement(source))
    return widens ? builder.create<arith::ExtFOp>(loc, target, x[0]).getResult()
                  : builder.create<arith::TruncFOp>(loc, target, x[0]).getResult();
  if (isBoolElement(source))
    return builder.create<arith::UIToFPOp>(loc, target, x[0]);
  return builder.create<arith::SIToFPOp>(loc, target, x[0]);
}
