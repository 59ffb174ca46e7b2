//===- LabelRules.cpp - Labels and the numbers of classes ----------------===//

#include "compiler/sema/types/LabelRules.h"
#include "compiler/sema/Visit.h"
#include "compiler/sema/scopes/Findings.h"
#include "compiler/sema/scopes/Sheet.h"
#include "compiler/sema/types/Expressions.h"

namespace advx::sema {

/// A number, or a choice between such by a condition on the example.
bool LabelRules::namesClass(const ExprPtr &expr) {
  if (expr->type.element == Type::Element::Bool)
    return false;
  if (expr->type.isNumber() || expr->type.isLabel())
    return true;
  return expr->is(Op::Select) && expr->type.isScalar() && namesClass(expr->args[1]) &&
         namesClass(expr->args[2]);
}

ExprPtr LabelRules::places(int64_t size, Span span) {
  std::vector<ExprPtr> numbers;
  for (int64_t i = 0; i < size; ++i)
    numbers.push_back(build.number(Rational(i), span, Type::Element::Int));
  Type type;
  type.kind = Type::Kind::Tensor;
  type.shape = {size};
  return build.node(Op::ConstantList, std::move(numbers), type, span);
}

ExprPtr LabelRules::labelOf(ExprPtr number, Span span) {
  // The place that lies at it: of all distances negated the largest, which is 0.
  ExprPtr distance = build.elementwise(
      Op::Abs,
      {build.elementwise(Op::Sub, {places(sheet.experiment->data.classes, span), number}, span)},
      span);
  ExprPtr near = build.elementwise(Op::Neg, {distance}, span);
  if (!near)
    return nullptr;
  Type type = near->type;
  type.shape.clear();
  type.element = Type::Element::Int;
  return build.node(Op::Argmax, {near}, type, span);
}

const std::vector<Rational> *LabelRules::indexOf(const ExprPtr &number) const {
  if (!number || number->kind != Expr::Kind::Setting)
    return nullptr;
  const std::vector<Rational> &values = sheet.experiment->settings[number->index].index;
  return values.empty() ? nullptr : &values;
}

bool LabelRules::indexFits(const ExprPtr &number, int64_t size, Span span) {
  for (const Rational &value : *indexOf(number))
    if (!value.isInteger() || value < Rational(0) || !(value < Rational(size))) {
      findings.report(diag::Code::IndexOutOfRange, span, "the index runs over what is not there")
          .label("read here")
          .found("`" + value.str() + "`")
          .expected("whole numbers from 0 to " + std::to_string(size - 1))
          .help("indices and classes count from 0")
          .note(sheet.experiment->settings[number->index].span, "the index");
      return false;
    }
  return true;
}

ExprPtr LabelRules::classLabel(const ExprPtr &number, Span span) {
  if (number->type.isLabel())
    return number;
  if (number->type.isTensor())
    return build.select(number->args[0], classLabel(number->args[1], number->args[1]->span),
                        classLabel(number->args[2], number->args[2]->span), number->span);
  if (indexOf(number))
    return indexFits(number, sheet.experiment->data.classes, span) ? labelOf(number, span)
                                                                   : nullptr;
  std::optional<int64_t> known = build.integer(Value::of(number), span, "a class");
  if (!known)
    return nullptr;
  int64_t classes = sheet.experiment->data.classes;
  if (*known < 0 || *known >= classes) {
    findings.report(diag::Code::IndexOutOfRange, span, "there is no such class")
        .label("here")
        .found("`" + std::to_string(*known) + "`")
        .expected("0 to " + std::to_string(classes - 1) + ", the classes of the data")
        .help("classes count from 0")
        .note(sheet.experiment->data.span, std::to_string(classes) + " classes");
    return nullptr;
  }
  Type type;
  type.kind = Type::Kind::Tensor;
  type.element = Type::Element::Int;
  return build.node(Op::Constant, {}, type, span, {{"label", {*known}}});
}

Value LabelRules::asLabel(const syntax::TypeExpr &wanted, const Value &value, Span span) {
  if (wanted.name.text != "label" || !value.isExpr() || value.expr->type.isLabel() ||
      !namesClass(value.expr))
    return value;
  Value label = Value::of(classLabel(value.expr, value.span.isValid() ? value.span : span));
  label.span = value.span;
  return label;
}

ExprPtr LabelRules::compare(Predicate predicate, ExprPtr lhs, ExprPtr rhs, Span span) {
  if (!lhs || !rhs)
    return nullptr;
  if (lhs->type.isLabel() != rhs->type.isLabel()) {
    ExprPtr &other = lhs->type.isLabel() ? rhs : lhs;
    if (!namesClass(other)) {
      findings
          .report(diag::Code::WrongType, other->span,
                  "a label compares with a label or with a class")
          .label(other->type.str())
          .found(lhs->type.str() + " and " + rhs->type.str())
          .expected("a label, or the number of a class")
          .help("as in `predict(f(x)) == y` or `y == 3`");
      return nullptr;
    }
    other = classLabel(other, other->span);
    if (!other)
      return nullptr;
  }
  if (std::optional<bool> known = comparedWithInfinity(predicate, *lhs, *rhs))
    return build.boolean(*known, span);
  return build.comparison(predicate, std::move(lhs), std::move(rhs), span);
}

std::optional<bool> LabelRules::comparedWithInfinity(Predicate predicate, const Expr &lhs,
                                                     const Expr &rhs) {
  auto isInfinite = [](const Expr &expr) { return expr.kind == Expr::Kind::Infinity; };
  auto isFinite = [](const Expr &expr) {
    return expr.kind == Expr::Kind::Number || expr.kind == Expr::Kind::Setting ||
           (expr.kind == Expr::Kind::Local && expr.local->isSetting);
  };
  if (predicate != Predicate::Equal && predicate != Predicate::NotEqual)
    return std::nullopt;
  const bool isEqual = isInfinite(lhs) && isInfinite(rhs);
  if (!isEqual && !(isInfinite(lhs) && isFinite(rhs)) && !(isFinite(lhs) && isInfinite(rhs)))
    return std::nullopt;
  return isEqual == (predicate == Predicate::Equal);
}

} // namespace advx::sema
