//===- VjpElementwise.cpp - Derivatives, one number at a time --------------===//
//
// Where a derivative has a singularity that the forward value does not show, the
// divisor is chosen by a select as well as the quotient: a select of the quotient
// alone would put 0 * inf into the next derivative.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/VjpBuilder.h"

using namespace mlir;
using namespace mlir::advx;

using Cotangents = ArrayRef<Value>;
using Needed = ArrayRef<bool>;
using Result = MutableArrayRef<Value>;

void NegOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  out[0] = VjpBuilder(builder, location).make<NegOp>(g[0]);
}

// exp' = exp
void ExpOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  out[0] = VjpBuilder(builder, location).make<MulOp>(g[0], getResult());
}

void LogOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  out[0] = VjpBuilder(builder, location).make<DivOp>(g[0], getInput());
}

// sqrt' = 1 / (2 sqrt), and 0 at 0. Below 0 too: a root that nobody chooses then leaves no NaN.
void SqrtOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  VjpBuilder b(builder, location);
  Value hasNone = b.compare(ComparePredicate::le, getInput(), b.number(0, g[0]));
  Value root = b.make<SelectOp>(hasNone, b.number(1, g[0]), getResult());
  Value half = b.make<MulOp>(g[0], b.number(0.5, g[0]));
  out[0] = b.drop(hasNone, b.make<DivOp>(half, root));
}

void AbsOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  VjpBuilder b(builder, location);
  out[0] = b.make<MulOp>(g[0], b.make<SignOp>(getInput()));
}

// Constant between their jumps.
void SignOp::buildVjp(OpBuilder &, Location, Cotangents, Needed, Result) {}
void FloorOp::buildVjp(OpBuilder &, Location, Cotangents, Needed, Result) {}
void CeilOp::buildVjp(OpBuilder &, Location, Cotangents, Needed, Result) {}

// The cotangent of a NaN stays, as in PyTorch.
void ReluOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  VjpBuilder b(builder, location);
  out[0] = b.drop(b.compare(ComparePredicate::le, getInput(), b.number(0, g[0])), g[0]);
}

// tanh' = 1 - tanh^2
void TanhOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  VjpBuilder b(builder, location);
  Value square = b.make<MulOp>(getResult(), getResult());
  out[0] = b.make<MulOp>(g[0], b.make<SubOp>(b.number(1, g[0]), square));
}

// erf' = 2 / sqrt(pi) exp(-x^2)
void ErfOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  VjpBuilder b(builder, location);
  Value square = b.make<MulOp>(getInput(), getInput());
  Value bell = b.make<ExpOp>(b.make<NegOp>(square));
  out[0] = b.make<MulOp>(g[0], b.make<MulOp>(bell, b.number(1.1283791670955126, g[0])));
}

void AddOp::buildVjp(OpBuilder &, Location, Cotangents g, Needed, Result out) {
  out[0] = out[1] = g[0];
}

void SubOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                     Result out) {
  out[0] = g[0];
  if (needed[1])
    out[1] = VjpBuilder(builder, location).make<NegOp>(g[0]);
}

void MulOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                     Result out) {
  VjpBuilder b(builder, location);
  if (needed[0])
    out[0] = b.make<MulOp>(g[0], getRhs());
  if (needed[1])
    out[1] = b.make<MulOp>(g[0], getLhs());
}

// (a / b)' by b = -(a / b) / b
void DivOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                     Result out) {
  VjpBuilder b(builder, location);
  Value quotient = b.make<DivOp>(g[0], getRhs());
  if (needed[0])
    out[0] = quotient;
  if (needed[1])
    out[1] = b.make<NegOp>(b.make<MulOp>(quotient, getResult()));
}

// By the base: b a^(b-1), and 0 where b = 0, whatever a. By the exponent: a^b log a,
// and 0 where a has no logarithm.
void PowOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                     Result out) {
  VjpBuilder b(builder, location);
  Value zero = b.number(0, g[0]), one = b.number(1, g[0]);
  if (needed[0]) {
    Value constant = b.compare(ComparePredicate::eq, getRhs(), zero);
    Value exponent = b.make<SelectOp>(constant, one, getRhs());
    Value power = b.make<PowOp>(getLhs(), b.make<SubOp>(exponent, one));
    Value slope = b.make<MulOp>(exponent, power);
    out[0] = b.drop(constant, b.make<MulOp>(g[0], slope));
  }
  if (needed[1]) {
    Value hasNone = b.compare(ComparePredicate::le, getLhs(), zero);
    Value base = b.make<SelectOp>(hasNone, one, getLhs());
    Value slope = b.make<MulOp>(getResult(), b.make<LogOp>(base));
    out[1] = b.drop(hasNone, b.make<MulOp>(g[0], slope));
  }
}

/// The cotangent goes to the operand that wins, the left one where they are equal. Beside a NaN
/// neither loses, so that it goes to both, as in PyTorch. `loses` says of a pair that the first
/// does, `losesOrTies` that it does not win.
static void extremeVjp(VjpBuilder b, ComparePredicate loses, ComparePredicate losesOrTies,
                       Value lhs, Value rhs, Value g, Needed needed, Result out) {
  if (needed[0])
    out[0] = b.drop(b.compare(loses, lhs, rhs), g);
  if (needed[1])
    out[1] = b.drop(b.compare(losesOrTies, rhs, lhs), g);
}

void MaximumOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                         Result out) {
  extremeVjp(VjpBuilder(builder, location), ComparePredicate::lt, ComparePredicate::le, getLhs(),
             getRhs(), g[0], needed, out);
}

void MinimumOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                         Result out) {
  extremeVjp(VjpBuilder(builder, location), ComparePredicate::gt, ComparePredicate::ge, getLhs(),
             getRhs(), g[0], needed, out);
}

void SelectOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                        Result out) {
  VjpBuilder b(builder, location);
  if (needed[1])
    out[1] = b.keep(getCondition(), g[0]);
  if (needed[2])
    out[2] = b.drop(getCondition(), g[0]);
}

void CastOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                      Result out) {
  if (needed[0])
    out[0] = VjpBuilder(builder, location)
                 .make<CastOp>(g[0], getElementTypeOrSelf(getInput().getType()));
}
