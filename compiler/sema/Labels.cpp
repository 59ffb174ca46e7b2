//===- Labels.cpp - Classes by their numbers, beside labels of examples --------===//

#include "compiler/sema/Checker.h"
#include "compiler/sema/Visit.h"

namespace advx::sema {

/// A number, or a choice between such by a condition on the example.
bool Checker::namesClass(const ExprPtr &expr) {
  if (expr->type.element == Type::Element::Bool)
    return false;
  if (expr->type.isNumber() || expr->type.isLabel())
    return true;
  return expr->kind == Expr::Kind::Op && expr->name == "select" && expr->type.isScalar() &&
         namesClass(expr->args[1]) && namesClass(expr->args[2]);
}

ExprPtr Checker::classLabel(const ExprPtr &number, Span span) {
  if (number->type.isLabel())
    return number;
  if (number->type.isTensor())
    return select(number->args[0], classLabel(number->args[1], number->args[1]->span),
                  classLabel(number->args[2], number->args[2]->span), number->span);
  std::optional<int64_t> known = integer(Value::of(number), span, "a class");
  if (!known)
    return nullptr;
  int64_t classes = experiment->data.classes;
  if (*known < 0 || *known >= classes) {
    report(diag::Code::IndexOutOfRange, span, "there is no such class")
        .label("here")
        .found("`" + std::to_string(*known) + "`")
        .expected("0 to " + std::to_string(classes - 1) + ", the classes of the data")
        .help("classes count from 0")
        .note(experiment->data.span, std::to_string(classes) + " classes");
    return nullptr;
  }
  Type type;
  type.kind = Type::Kind::Tensor;
  type.element = Type::Element::Int;
  return node("constant", {}, type, span, {{"label", {*known}}});
}

bool Checker::isOfPage(const Value &value, const syntax::Expr &expr, const syntax::Param &param,
                       const std::string &of) {
  bool reads = false;
  if (value.isExpr())
    visitExprs(value.expr, [&](const Expr &part) { reads |= part.kind == Expr::Kind::Local; });
  if (!reads)
    return true;
  report(diag::Code::WrongType, expr.span,
         "`" + param.name.text + "` of `" + of + "` is the same for all examples")
      .label("reads the example")
      .found("`" + source(expr.span) + "`")
      .expected("a number of the page, or a schedule of `epoch` and `iteration`")
      .help("write what depends on the example in the losses")
      .note(param.span, "declared here");
  return false;
}

Value Checker::asLabel(const syntax::TypeExpr &wanted, const Value &value, Span span) {
  if (wanted.name.text != "label" || !value.isExpr() || value.expr->type.isLabel() ||
      !namesClass(value.expr))
    return value;
  Value label = Value::of(classLabel(value.expr, value.span.isValid() ? value.span : span));
  label.span = value.span;
  return label;
}

ExprPtr Checker::compare(int64_t predicate, ExprPtr lhs, ExprPtr rhs, Span span) {
  if (!lhs || !rhs)
    return nullptr;
  if (lhs->type.isLabel() != rhs->type.isLabel()) {
    ExprPtr &other = lhs->type.isLabel() ? rhs : lhs;
    if (!namesClass(other)) {
      report(diag::Code::WrongType, other->span, "a label compares with a label or with a class")
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
  return elementwise("compare", {std::move(lhs), std::move(rhs)}, span,
                     {{"predicate", {predicate}}});
}

} // namespace advx::sema
