//===- Arithmetic.cpp - What ops make of numbers that are known --------------===//

#include "compiler/sema/types/Arithmetic.h"

#include <algorithm>
#include <cmath>

namespace advx::sema {

namespace {

int64_t floorOf(Rational r) {
  int64_t q = r.numerator() / r.denominator();
  return r.numerator() % r.denominator() != 0 && r.numerator() < 0 ? q - 1 : q;
}

/// Powers that are whole and small.
std::optional<Rational> power(Rational base, Rational exponent) {
  if (!exponent.isInteger() || exponent < Rational(0) || !(exponent < Rational(64)))
    return std::nullopt;
  std::optional<Rational> result = Rational(1);
  for (int64_t i = 0; i < exponent.numerator() && result; ++i)
    result = *result * base;
  return result;
}

template <typename T> bool holds(Predicate predicate, const T &a, const T &b) {
  switch (predicate) {
  case Predicate::Equal:
    return a == b;
  case Predicate::NotEqual:
    return a != b;
  case Predicate::Less:
    return a < b;
  case Predicate::LessEqual:
    return a < b || a == b;
  case Predicate::Greater:
    return b < a;
  case Predicate::GreaterEqual:
    return b < a || a == b;
  }
  return false;
}

} // namespace

std::optional<Rational> exactResult(Op op, const std::vector<Rational> &values,
                                    Predicate predicate) {
  const Rational zero(0);
  auto value = [&](size_t i) { return i < values.size() ? values[i] : Rational(0); };
  const Rational a = value(0), b = value(1), c = value(2);
  auto larger = [](Rational a, Rational b) { return a < b ? b : a; };
  auto smaller = [](Rational a, Rational b) { return b < a ? b : a; };
  switch (op) {
  case Op::Add:
    return a + b;
  case Op::Sub:
    return a - b;
  case Op::Mul:
    return a * b;
  case Op::Div:
    return b == zero ? std::nullopt : a / b;
  case Op::Pow:
    return power(a, b);
  case Op::Neg:
    return zero - a;
  case Op::Abs:
    return a < zero ? zero - a : a;
  case Op::Sign:
    return Rational(a < zero ? -1 : zero < a ? 1 : 0);
  case Op::Floor:
    return Rational(floorOf(a));
  case Op::Ceil:
    return Rational(a.isInteger() ? a.numerator() : floorOf(a) + 1);
  case Op::Maximum:
    return larger(a, b);
  case Op::Minimum:
    return smaller(a, b);
  case Op::Relu:
    return larger(a, zero);
  case Op::Clip:
    return smaller(larger(a, b), c);
  case Op::LogicalAnd:
    return Rational(a != zero && b != zero);
  case Op::LogicalOr:
    return Rational(a != zero || b != zero);
  case Op::LogicalNot:
    return Rational(a == zero);
  case Op::Select:
    return a != zero ? b : c;
  case Op::Compare:
    return Rational(holds(predicate, a, b));
  case Op::Exp:
  case Op::Log:
  case Op::Sqrt:
  case Op::Tanh:
  case Op::Erf:
  case Op::Cos:
  case Op::Sin:
  case Op::Cast:
  case Op::StopGradient:
#define ADVX_EXPR_OP(Name, name)
#define ADVX_TENSOR_OP(Name, name) case Op::Name:
#include "compiler/sema/types/Ops.def"
    return std::nullopt;
  }
  return std::nullopt;
}

std::optional<double> roundedResult(Op op, const std::vector<double> &values, Predicate predicate) {
  auto value = [&](size_t i) { return i < values.size() ? values[i] : 0; };
  const double a = value(0), b = value(1), c = value(2);
  switch (op) {
#define ADVX_FUNCTION(Name, name, Host, real)                                                      \
  case Op::Name:                                                                                   \
    return real;
#define ADVX_EXPR_OP(Name, name)
#include "compiler/sema/types/Ops.def"
  case Op::Sign:
    return a > 0 ? 1 : a < 0 ? -1 : 0;
  case Op::Relu:
    return a < 0 ? 0 : a;
  case Op::Clip:
    return std::min(std::max(a, b), c);
  case Op::LogicalNot:
    return a == 0;
  case Op::Select:
    return a != 0 ? b : c;
  case Op::Compare:
    return holds(predicate, a, b);
  case Op::Cast:
  case Op::StopGradient:
#define ADVX_EXPR_OP(Name, name)
#define ADVX_TENSOR_OP(Name, name) case Op::Name:
#include "compiler/sema/types/Ops.def"
    return std::nullopt;
  }
  return std::nullopt;
}

Whole wholeOf(Op op) {
  switch (op) {
  case Op::Floor:
  case Op::Ceil:
    return Whole::Always;
  case Op::Add:
  case Op::Sub:
  case Op::Mul:
  case Op::Neg:
  case Op::Abs:
  case Op::Maximum:
  case Op::Minimum:
    return Whole::OfWhole;
  case Op::Div:
  case Op::Pow:
  case Op::Exp:
  case Op::Log:
  case Op::Sqrt:
  case Op::Tanh:
  case Op::Erf:
  case Op::Cos:
  case Op::Sin:
  case Op::Sign:
  case Op::Relu:
  case Op::Clip:
  case Op::LogicalAnd:
  case Op::LogicalOr:
  case Op::LogicalNot:
  case Op::Compare:
  case Op::Select:
  case Op::Cast:
  case Op::StopGradient:
#define ADVX_EXPR_OP(Name, name)
#define ADVX_TENSOR_OP(Name, name) case Op::Name:
#include "compiler/sema/types/Ops.def"
    return Whole::Never;
  }
  return Whole::Never;
}

} // namespace advx::sema
