//===- Expressions.cpp - Checked expressions, folded exactly where they are constant ---===//

#include "compiler/sema/types/Expressions.h"
#include "compiler/sema/experiment/SettingTable.h"
#include "compiler/sema/scopes/Findings.h"
#include "compiler/sema/scopes/Sheet.h"
#include "compiler/sema/types/LabelRules.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace advx::sema {

ExprPtr Expressions::node(const std::string &name, std::vector<ExprPtr> args, Type type, Span span,
                          std::map<std::string, std::vector<int64_t>> ints) {
  auto expr = std::make_shared<Expr>();
  expr->kind = Expr::Kind::Op;
  expr->name = name;
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

int64_t floorOf(Rational r) {
  int64_t q = r.numerator() / r.denominator();
  return r.numerator() % r.denominator() != 0 && r.numerator() < 0 ? q - 1 : q;
}

std::optional<Rational> compute(const std::string &name, const std::vector<Rational> &v,
                                int64_t predicate) {
  if (name == "add")
    return v[0] + v[1];
  if (name == "sub")
    return v[0] - v[1];
  if (name == "mul")
    return v[0] * v[1];
  if (name == "div")
    return v[1] == Rational(0) ? std::nullopt : v[0] / v[1];
  if (name == "neg")
    return Rational(0) - v[0];
  if (name == "abs")
    return v[0] < Rational(0) ? Rational(0) - v[0] : v[0];
  if (name == "sign")
    return Rational(v[0] < Rational(0) ? -1 : Rational(0) < v[0] ? 1 : 0);
  if (name == "floor")
    return Rational(floorOf(v[0]));
  if (name == "ceil")
    return Rational(v[0].isInteger() ? v[0].numerator() : floorOf(v[0]) + 1);
  if (name == "maximum")
    return v[0] < v[1] ? v[1] : v[0];
  if (name == "minimum")
    return v[1] < v[0] ? v[1] : v[0];
  if (name == "relu")
    return v[0] < Rational(0) ? Rational(0) : v[0];
  if (name == "clip") {
    Rational low = v[0] < v[1] ? v[1] : v[0];
    return v[2] < low ? v[2] : low;
  }
  if (name == "logical_and")
    return Rational(v[0] != Rational(0) && v[1] != Rational(0));
  if (name == "logical_or")
    return Rational(v[0] != Rational(0) || v[1] != Rational(0));
  if (name == "logical_not")
    return Rational(v[0] == Rational(0));
  if (name == "select")
    return v[0] != Rational(0) ? v[1] : v[2];
  if (name == "compare") {
    bool less = v[0] < v[1], equal = v[0] == v[1];
    bool results[] = {equal, !equal, less, less || equal, !less && !equal, !less};
    return Rational(results[predicate]);
  }
  if (name == "pow" && v[1].isInteger() && !(v[1] < Rational(0)) && v[1] < Rational(64)) {
    std::optional<Rational> result = Rational(1);
    for (int64_t i = 0; i < v[1].numerator() && result; ++i)
      result = *result * v[0];
    return result;
  }
  return std::nullopt;
}

std::optional<double> computeReal(const std::string &name, const std::vector<double> &v,
                                  int64_t predicate) {
  if (name == "add")
    return v[0] + v[1];
  if (name == "sub")
    return v[0] - v[1];
  if (name == "mul")
    return v[0] * v[1];
  if (name == "div")
    return v[0] / v[1];
  if (name == "neg")
    return -v[0];
  if (name == "abs")
    return std::fabs(v[0]);
  if (name == "exp")
    return std::exp(v[0]);
  if (name == "log")
    return std::log(v[0]);
  if (name == "sqrt")
    return std::sqrt(v[0]);
  if (name == "cos")
    return std::cos(v[0]);
  if (name == "sin")
    return std::sin(v[0]);
  if (name == "tanh")
    return std::tanh(v[0]);
  if (name == "erf")
    return std::erf(v[0]);
  if (name == "sign")
    return v[0] > 0 ? 1 : v[0] < 0 ? -1 : 0;
  if (name == "relu")
    return v[0] < 0 ? 0 : v[0];
  if (name == "clip")
    return std::min(std::max(v[0], v[1]), v[2]);
  if (name == "logical_and")
    return v[0] != 0 && v[1] != 0;
  if (name == "logical_or")
    return v[0] != 0 || v[1] != 0;
  if (name == "logical_not")
    return v[0] == 0;
  if (name == "floor")
    return std::floor(v[0]);
  if (name == "ceil")
    return std::ceil(v[0]);
  if (name == "pow")
    return std::pow(v[0], v[1]);
  if (name == "maximum")
    return std::max(v[0], v[1]);
  if (name == "minimum")
    return std::min(v[0], v[1]);
  if (name == "select")
    return v[0] != 0 ? v[1] : v[2];
  if (name == "compare") {
    bool results[] = {v[0] == v[1], v[0] != v[1], v[0]<v[1], v[0] <= v[1], v[0]> v[1],
                      v[0] >= v[1]};
    return results[predicate];
  }
  return std::nullopt;
}

int64_t predicateOf(const Expr &expr) {
  auto it = expr.ints.find("predicate");
  return it == expr.ints.end() ? 0 : it->second[0];
}

} // namespace

ExprPtr Expressions::fold(const std::string &name, const std::vector<ExprPtr> &args,
                          int64_t predicate, Type::Element element, Span span) {
  std::vector<Rational> values;
  for (const ExprPtr &arg : args) {
    std::optional<Rational> value = constant(arg);
    if (!value)
      return nullptr;
    values.push_back(*value);
  }
  std::optional<Rational> result = compute(name, values, predicate);
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
  if (expr.name == "select" && expr.args.size() == 3) {
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
  return compute(expr.name, values, predicateOf(expr));
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
  return computeReal(expr.name, values, predicateOf(expr));
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
  bool isList = divisor->kind == Expr::Kind::Op &&
                (divisor->name == "constant_list" || divisor->name == "broadcast");
  return isList && std::any_of(divisor->args.begin(), divisor->args.end(),
                               [&](const ExprPtr &part) { return holdsZero(part); });
}

ExprPtr Expressions::elementwise(const std::string &name, std::vector<ExprPtr> args, Span span,
                                 std::map<std::string, std::vector<int64_t>> ints) {
  bool logical = name.compare(0, 8, "logical_") == 0;
  Type type;
  type.element = logical || name == "compare" ? Type::Element::Bool : Type::Element::Real;
  bool allInt = true;
  const Expr *shaped = nullptr;
  for (const ExprPtr &arg : args) {
    if (!arg)
      return nullptr;
    bool isBool = arg->type.element == Type::Element::Bool;
    bool isLabel = arg->type.isTensor() && arg->type.element == Type::Element::Int;
    if (logical != isBool || (isLabel && name != "compare")) {
      findings
          .report(diag::Code::WrongType, arg->span,
                  logical ? "`and`, `or` and `not` take truth values" : "arithmetic takes numbers")
          .label(arg->type.str())
          .found(arg->type.str())
          .expected(logical ? "`bool`" : "`real` or a tensor of reals")
          .help(logical  ? "compare it with something, as in `a < b`"
                : isBool ? "write `if … then 1 else 0`"
                         : "write `onehot(…)` where the label is meant as a vector");
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
  if (name == "div" && holdsZero(args[1])) {
    findings.report(diag::Code::DivisionByZero, span, "division by zero")
        .label("the divisor is exactly 0")
        .found("a divisor of 0")
        .expected("any other number")
        .help("check the formula");
    return nullptr;
  }
  if (type.kind == Type::Kind::Number) {
    if (!logical && name != "compare" && allInt &&
        (name == "add" || name == "sub" || name == "mul" || name == "neg" || name == "abs" ||
         name == "maximum" || name == "minimum"))
      type.element = Type::Element::Int;
    if (name == "floor" || name == "ceil")
      type.element = Type::Element::Int;
    int64_t predicate = ints.count("predicate") ? ints["predicate"][0] : 0;
    if (ExprPtr folded = fold(name, args, predicate, type.element, span))
      return folded;
  }
  return node(name, std::move(args), type, span, std::move(ints));
}

ExprPtr Expressions::select(ExprPtr condition, ExprPtr a, ExprPtr b, Span span) {
  if (!condition || !a || !b)
    return nullptr;
  if (condition->type.element != Type::Element::Bool) {
    findings.report(diag::Code::WrongType, condition->span, "a condition must be true or false")
        .label(condition->type.str())
        .found(condition->type.str())
        .expected("`bool`")
        .help("compare it with something, as in `a < b`");
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
  return node("select", {std::move(condition), std::move(a), std::move(b)}, type, span);
}

ExprPtr Expressions::reduceSum(ExprPtr value, Span span) {
  if (!value || value->type.isScalar())
    return value;
  Type type;
  type.kind = Type::Kind::Tensor;
  type.perExample = value->type.perExample;
  std::vector<int64_t> axes(value->type.shape.size());
  std::iota(axes.begin(), axes.end(), 0);
  return node("reduce_sum", {std::move(value)}, type, span, {{"axes", axes}});
}

} // namespace advx::sema
