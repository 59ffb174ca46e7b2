//===- Expressions.cpp - Checked expressions, folded exactly where they are constant ---===//

#include "compiler/sema/types/Expressions.h"
#include "compiler/sema/experiment/SettingTable.h"
#include "compiler/sema/scopes/Findings.h"
#include "compiler/sema/scopes/Sheet.h"
#include "compiler/sema/types/Arithmetic.h"
#include "compiler/sema/types/LabelRules.h"

#include <algorithm>
#include <numeric>

namespace advx::sema {

Predicate Expr::predicate() const {
  auto it = ints.find("predicate");
  return it == ints.end() ? Predicate::Equal : static_cast<Predicate>(it->second[0]);
}

std::vector<double> Expr::listed() const {
  if (numbers)
    return *numbers;
  std::vector<double> result;
  for (const ExprPtr &arg : args)
    result.push_back(arg->value.toDouble());
  return result;
}

ExprPtr Expressions::node(Op op, std::vector<ExprPtr> args, Type type, Span span,
                          std::map<std::string, std::vector<int64_t>> ints) {
  auto expr = std::make_shared<Expr>();
  expr->kind = Expr::Kind::Op;
  expr->op = op;
  expr->args = std::move(args);
  expr->type = std::move(type);
  expr->span = span;
  expr->ints = std::move(ints);
  return expr;
}

ExprPtr Expressions::number(Rational value, Span span, Type::Element element) {
  auto expr = std::make_shared<Expr>();
  expr->kind = Expr::Kind::Number;
  expr->value = value;
  expr->type.element = element;
  expr->span = span;
  return expr;
}

ExprPtr Expressions::boolean(bool value, Span span) {
  auto expr = std::make_shared<Expr>();
  expr->kind = Expr::Kind::Bool;
  expr->value = Rational(value);
  expr->type.element = Type::Element::Bool;
  expr->span = span;
  return expr;
}

ExprPtr Expressions::infinity(Span span) {
  auto expr = std::make_shared<Expr>();
  expr->kind = Expr::Kind::Infinity;
  expr->span = span;
  return expr;
}

ExprPtr Expressions::minusInfinity(Span span) {
  return node(Op::Neg, {infinity(span)}, Type(), span);
}

ExprPtr Expressions::askedAt(ExprPtr point, bool hit, Span span) {
  auto expr = std::make_shared<Expr>();
  expr->kind = hit ? Expr::Kind::Hit : Expr::Kind::Objective;
  expr->type.kind = Type::Kind::Tensor;
  expr->type.element = hit ? Type::Element::Bool : Type::Element::Real;
  expr->type.perExample = !point->type.isWeights();
  expr->args = {std::move(point)};
  expr->span = span;
  return expr;
}

ExprPtr Expressions::localRef(const Local *local, Span span) {
  auto expr = std::make_shared<Expr>();
  expr->kind = Expr::Kind::Local;
  expr->name = local->name;
  expr->local = local;
  expr->type = local->type;
  expr->span = span;
  return expr;
}

namespace {

std::optional<Rational> constant(const ExprPtr &expr) {
  if (expr->kind == Expr::Kind::Number || expr->kind == Expr::Kind::Bool)
    return expr->value;
  return std::nullopt;
}

} // namespace

ExprPtr Expressions::fold(Op op, const std::vector<ExprPtr> &args, Predicate predicate,
                          Type::Element element, Span span) {
  std::vector<Rational> values;
  for (const ExprPtr &arg : args) {
    std::optional<Rational> value = constant(arg);
    if (!value)
      return nullptr;
    values.push_back(*value);
  }
  std::optional<Rational> result = exactResult(op, values, predicate);
  if (!result)
    return nullptr;
  if (element == Type::Element::Bool)
    return boolean(*result != Rational(0), span);
  return number(*result, span, result->isInteger() ? Type::Element::Int : Type::Element::Real);
}

std::optional<Rational> Expressions::evaluate(const ExprPtr &expr) {
  if (!expr)
    return std::nullopt;
  if (auto value = constant(expr))
    return value;
  if (expr->kind != Expr::Kind::Setting && expr->kind != Expr::Kind::Op)
    return std::nullopt;
  // Once for each: a number that two others read is not computed for both.
  if (auto known = exactValues.find(expr.get()); known != exactValues.end())
    return known->second.second;
  std::optional<Rational> value = computeExactly(*expr);
  exactValues[expr.get()] = {expr, value};
  return value;
}

std::optional<Rational> Expressions::computeExactly(const Expr &expr) {
  if (expr.kind == Expr::Kind::Setting)
    return evaluate(sheet.experiment->settings[expr.index].value);
  if (expr.is(Op::Select) && expr.args.size() == 3) {
    std::optional<Rational> condition = evaluate(expr.args[0]);
    return condition ? evaluate(expr.args[*condition != Rational(0) ? 1 : 2]) : std::nullopt;
  }
  std::vector<Rational> values;
  for (const ExprPtr &arg : expr.args) {
    std::optional<Rational> value = evaluate(arg);
    if (!value)
      return std::nullopt;
    values.push_back(*value);
  }
  return exactResult(expr.op, values, expr.predicate());
}

std::optional<double> Expressions::evaluateReal(const ExprPtr &expr) {
  if (std::optional<Rational> exact = evaluate(expr))
    return exact->toDouble();
  if (!expr || (expr->kind != Expr::Kind::Setting && expr->kind != Expr::Kind::Op))
    return std::nullopt;
  if (auto known = realValues.find(expr.get()); known != realValues.end())
    return known->second.second;
  std::optional<double> value = computeRounded(*expr);
  realValues[expr.get()] = {expr, value};
  return value;
}

std::optional<double> Expressions::computeRounded(const Expr &expr) {
  if (expr.kind == Expr::Kind::Setting)
    return evaluateReal(sheet.experiment->settings[expr.index].value);
  std::vector<double> values;
  for (const ExprPtr &arg : expr.args) {
    std::optional<double> value = evaluateReal(arg);
    if (!value)
      return std::nullopt;
    values.push_back(*value);
  }
  return roundedResult(expr.op, values, expr.predicate());
}

std::optional<int64_t> Expressions::integer(const Value &value, Span span, const std::string &what,
                                            bool shapes) {
  if (value.isError())
    return std::nullopt;
  std::optional<Rational> exact = value.isNumber() ? evaluate(value.expr) : std::nullopt;
  if (!exact || !exact->isInteger()) {
    findings
        .report(diag::Code::NotAnInteger, span,
                what + " must be an integer that is known when compiling")
        .label("here")
        .found(exact ? "`" + exact->str() + "`" : value.str())
        .expected("an integer")
        .help(exact ? "choose numbers for which it comes out whole"
                    : "write a constant; what changes during training cannot shape the program");
    return std::nullopt;
  }
  if (shapes)
    settingTable.fix(value.expr);
  return exact->numerator();
}

bool Expressions::holdsZero(const ExprPtr &divisor) {
  if (std::optional<Rational> value = constant(divisor))
    return *value == Rational(0);
  if (divisor->is(Op::ConstantList) && divisor->numbers)
    return std::count(divisor->numbers->begin(), divisor->numbers->end(), 0.0) != 0;
  bool isList =
      divisor->is(Op::ConstantList) || divisor->is(Op::Broadcast) || divisor->is(Op::Reshape);
  return isList && std::any_of(divisor->args.begin(), divisor->args.end(),
                               [&](const ExprPtr &part) { return holdsZero(part); });
}

ExprPtr Expressions::elementwise(Op op, std::vector<ExprPtr> args, Span span) {
  return entrywise(op, std::move(args), span, Predicate::Equal);
}

ExprPtr Expressions::comparison(Predicate predicate, ExprPtr a, ExprPtr b, Span span) {
  return entrywise(Op::Compare, {std::move(a), std::move(b)}, span, predicate);
}

ExprPtr Expressions::entrywise(Op op, std::vector<ExprPtr> args, Span span, Predicate predicate) {
  const bool logical = op == Op::LogicalAnd || op == Op::LogicalOr || op == Op::LogicalNot;
  const bool isComparison = op == Op::Compare;
  Type type;
  type.element = logical || isComparison ? Type::Element::Bool : Type::Element::Real;
  bool allInt = true;
  const Expr *shaped = nullptr;
  for (const ExprPtr &arg : args) {
    if (!arg)
      return nullptr;
    bool isBool = arg->type.element == Type::Element::Bool;
    bool isLabel = arg->type.isTensor() && arg->type.element == Type::Element::Int;
    if (logical != isBool || (isLabel && !isComparison)) {
      findings
          .report(diag::Code::WrongType, arg->span,
                  logical ? "`and`, `or` and `not` take truth values" : "arithmetic takes numbers")
          .label(arg->type.str())
          .found(arg->type.str())
          .expected(logical ? "`bool`" : "`real` or a tensor of reals")
          .help(logical ? "compare it with something, as in `a < b`"
                : isBool
                    ? "write `if … then 1 else 0`"
                    : "write `onehot(…)` for a vector, `(y + 1) mod classes` for another class");
      return nullptr;
    }
    allInt &= arg->type.element == Type::Element::Int;
    if (arg->type.isTensor())
      type.kind = Type::Kind::Tensor;
    type.perExample |= arg->type.perExample;
    type.anyShape |= arg->type.anyShape;
    if (!arg->type.isTensor() || arg->type.shape.empty())
      continue;
    if (shaped && shaped->type.shape != arg->type.shape) {
      findings.report(diag::Code::ShapeMismatch, span, "the two sides have different shapes")
          .label("cannot be combined element by element")
          .found(shaped->type.str() + " and " + arg->type.str())
          .expected("equal shapes, or a scalar on one side")
          .help("use `@` for a matrix product, or an index or reduction to make the shapes agree")
          .note(shaped->span, shaped->type.str())
          .note(arg->span, arg->type.str());
      return nullptr;
    }
    shaped = arg.get();
    type.shape = arg->type.shape;
  }
  if (op == Op::Div && holdsZero(args[1])) {
    findings.report(diag::Code::DivisionByZero, span, "division by zero")
        .label("the divisor is exactly 0")
        .found("a divisor of 0")
        .expected("any other number")
        .help("check the formula");
    return nullptr;
  }
  if (type.kind == Type::Kind::Number) {
    const Whole whole = wholeOf(op);
    if (whole == Whole::Always || (whole == Whole::OfWhole && allInt))
      type.element = Type::Element::Int;
    if (ExprPtr folded = fold(op, args, predicate, type.element, span))
      return folded;
  }
  if (isComparison)
    return node(op, std::move(args), type, span,
                {{"predicate", {static_cast<int64_t>(predicate)}}});
  return node(op, std::move(args), type, span);
}

ExprPtr Expressions::select(ExprPtr condition, ExprPtr a, ExprPtr b, Span span) {
  if (!condition || !a || !b)
    return nullptr;
  if (condition->type.element != Type::Element::Bool) {
    findings.notACondition(condition->span, condition->type.str());
    return nullptr;
  }
  for (ExprPtr *branch : {&a, &b})
    if (!(*branch)->type.isLabel() && (branch == &a ? b : a)->type.isLabel() &&
        labels.namesClass(*branch)) {
      *branch = labels.classLabel(*branch, (*branch)->span);
      if (!*branch)
        return nullptr;
    }
  if ((a->type.element == Type::Element::Bool) != (b->type.element == Type::Element::Bool) ||
      a->type.isLabel() != b->type.isLabel() ||
      (a->type.isLabel() && !condition->type.isScalar()) ||
      (!a->type.isScalar() && !b->type.isScalar() && a->type.shape != b->type.shape)) {
    findings.report(diag::Code::WrongType, span, "the two branches of `if` have different types")
        .label("here")
        .found(a->type.str() + " and " + b->type.str())
        .expected("the same type in both branches")
        .help("make both branches the same kind of value")
        .note(a->span, a->type.str())
        .note(b->span, b->type.str());
    return nullptr;
  }
  Type type = a->type;
  type.kind = condition->type.isTensor() || a->type.isTensor() || b->type.isTensor()
                  ? Type::Kind::Tensor
                  : Type::Kind::Number;
  type.perExample = condition->type.perExample || a->type.perExample || b->type.perExample;
  type.anyShape = a->type.anyShape || b->type.anyShape;
  if (type.shape.empty())
    type.shape = b->type.shape;
  if (type.shape.empty())
    type.shape = condition->type.shape;
  bool bothInt = a->type.element == Type::Element::Int && b->type.element == Type::Element::Int;
  bool isBool = a->type.element == Type::Element::Bool;
  bool labels = bothInt && a->type.isTensor() && b->type.isTensor();
  type.element = isBool                                   ? Type::Element::Bool
                 : labels || (bothInt && type.isNumber()) ? Type::Element::Int
                                                          : Type::Element::Real;
  if (std::optional<Rational> known = constant(condition))
    if (type.isNumber())
      return *known != Rational(0) ? a : b;
  return node(Op::Select, {std::move(condition), std::move(a), std::move(b)}, type, span);
}

ExprPtr Expressions::reduceSum(ExprPtr value, Span span) {
  if (!value || value->type.isScalar())
    return value;
  Type type;
  type.kind = Type::Kind::Tensor;
  type.perExample = value->type.perExample;
  std::vector<int64_t> axes(value->type.shape.size());
  std::iota(axes.begin(), axes.end(), 0);
  return node(Op::ReduceSum, {std::move(value)}, type, span, {{"axes", axes}});
}

ExprPtr Expressions::mod(ExprPtr a, ExprPtr b, Span span) {
  ExprPtr times = elementwise(Op::Floor, {elementwise(Op::Div, {a, b}, span)}, span);
  return elementwise(Op::Sub, {a, elementwise(Op::Mul, {b, times}, span)}, span);
}

bool Expressions::isWhole(const ExprPtr &number) {
  if (!number)
    return false;
  if (std::optional<Rational> known = constant(number))
    return known->isInteger();
  if (number->type.element == Type::Element::Int && number->type.isNumber())
    return true;
  if (number->kind == Expr::Kind::Setting) {
    Setting &setting = sheet.experiment->settings[number->index];
    if (setting.isDerived || !isWhole(setting.value))
      return false;
    setting.element = Type::Element::Int;
    return true;
  }
  if (number->kind != Expr::Kind::Op)
    return false;
  auto wholeFrom = [&](size_t first) {
    return std::all_of(number->args.begin() + static_cast<ptrdiff_t>(first), number->args.end(),
                       [&](const ExprPtr &arg) { return isWhole(arg); });
  };
  switch (number->op) {
  case Op::Floor:
  case Op::Ceil:
    return true;
  case Op::Select:
    return wholeFrom(1);
  case Op::Relu:
  case Op::Clip:
    return wholeFrom(0);
  default:
    return wholeOf(number->op) == Whole::OfWhole && wholeFrom(0);
  }
}

} // namespace advx::sema
