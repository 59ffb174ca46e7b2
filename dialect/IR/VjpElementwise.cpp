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

// sqrt' = 1 / (2 sqrt), and 0 at 0.
void SqrtOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  VjpBuilder b(builder, location);
  Value positive = b.compare(ComparePredicate::gt, getInput(), b.number(0, g[0]));
  Value root = b.make<SelectOp>(positive, getResult(), b.number(1, g[0]));
  Value half = b.make<MulOp>(g[0], b.number(0.5, g[0]));
  out[0] = b.keep(positive, b.make<DivOp>(half, root));
}

void AbsOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  VjpBuilder b(builder, location);
  out[0] = b.make<MulOp>(g[0], b.make<SignOp>(getInput()));
}

// Constant between their jumps.
void SignOp::buildVjp(OpBuilder &, Location, Cotangents, Needed, Result) {}
void FloorOp::buildVjp(OpBuilder &, Location, Cotangents, Needed, Result) {}
void CeilOp::buildVjp(OpBuilder &, Location, Cotangents, Needed, Result) {}

void ReluOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  VjpBuilder b(builder, location);
  out[0] = b.keep(b.compare(ComparePredicate::gt, getInput(), b.number(0, g[0])), g[0]);
}

// tanh' = 1 - tanh^2
void TanhOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed, Result out) {
  VjpBuilder b(builder, location);
  Value square = b.make<MulOp>(getResult(), getResult());
  out[0] = b.make<MulOp>(g[0], b.make<SubOp>(b.number(1, g[0]), square));
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
// and 0 where a is not positive.
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
    Value positive = b.compare(ComparePredicate::gt, getLhs(), zero);
    Value base = b.make<SelectOp>(positive, getLhs(), one);
    Value slope = b.make<MulOp>(getResult(), b.make<LogOp>(base));
    out[1] = b.keep(positive, b.make<MulOp>(g[0], slope));
  }
}

/// The cotangent goes left where `leftWins` holds and right elsewhere.
static void chooseVjp(VjpBuilder b, Value leftWins, Value g, Needed needed, Result out) {
  if (needed[0])
    out[0] = b.keep(leftWins, g);
  if (needed[1])
    out[1] = b.drop(leftWins, g);
}

void MaximumOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                         Result out) {
  VjpBuilder b(builder, location);
  chooseVjp(b, b.compare(ComparePredicate::ge, getLhs(), getRhs()), g[0], needed, out);
}

void MinimumOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                         Result out) {
  VjpBuilder b(builder, location);
  chooseVjp(b, b.compare(ComparePredicate::le, getLhs(), getRhs()), g[0], needed, out);
}

void SelectOp::buildVjp(OpBuilder &builder, Location location, Cotangents g, Needed needed,
                        Result out) {
  chooseVjp(VjpBuilder(builder, location), getCondition(), g[0], needed.drop_front(),
            out.drop_front());
}
