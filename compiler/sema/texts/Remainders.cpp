//===- Remainders.cpp - `a mod b`, and counting on from a label -----------------===//

#include "compiler/sema/texts/Remainders.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/Primitives.h"

namespace advx::sema {

Remainders::Sum Remainders::sum(const syntax::Expr &expr, Env &env) {
  const bool isSum = expr.kind == syntax::Expr::Kind::Binary &&
                     (expr.text == "+" || expr.text == "-" || expr.text == "*");
  if (isSum) {
    Sum left = sum(*expr.children[0], env), right = sum(*expr.children[1], env);
    Sum result;
    result.hasLabel = left.hasLabel || right.hasLabel;
    result.broken = left.broken ? left.broken : right.broken;
    if (left.value && right.value)
      result.value =
          build.elementwise(*findOperator(expr.text), {left.value, right.value}, expr.span);
    return result;
  }
  Sum result;
  result.value = exprChecker.checkExpr(expr, env);
  if (!result.value)
    return result;
  if (result.value->type.isLabel() && result.value->type.isScalar()) {
    result.hasLabel = true;
    result.value = vectors.entryAt(labels.places(sheet.experiment->data.classes, expr.span),
                                   result.value, expr.span);
  } else if (!build.isWhole(result.value)) {
    result.broken = result.value;
  }
  return result;
}

/// Whether a label taken by this divisor names a class.
bool Remainders::countsClasses(const ExprPtr &divisor) {
  const int64_t classes = sheet.experiment->data.classes;
  std::optional<int64_t> count =
      build.integer(Value::of(divisor), divisor->span, "the number of classes after `mod`");
  if (!count)
    return false;
  if (*count >= 1 && *count <= classes)
    return true;
  findings
      .report(diag::Code::IndexOutOfRange, divisor->span, "what is left of a label must be a class")
      .label("here")
      .found("`" + std::to_string(*count) + "`")
      .expected("1 to " + std::to_string(classes) + ", the classes of the data")
      .help("write `mod classes`")
      .note(sheet.experiment->data.span, std::to_string(classes) + " classes");
  return false;
}

Value Remainders::check(const syntax::Expr &expr, Env &env) {
  Sum left = sum(*expr.children[0], env);
  ExprPtr divisor = exprChecker.checkExpr(*expr.children[1], env);
  if (!left.value || !divisor)
    return Value::error();
  if (!left.hasLabel)
    return Value::of(build.mod(left.value, divisor, expr.span));
  if (left.broken) {
    findings
        .report(diag::Code::WrongType, left.broken->span, "a label is counted on by whole numbers")
        .label(left.broken->type.str())
        .found(left.broken->type.str())
        .expected("a label, `int`, or what stands under `floor` or `ceil`")
        .help("write a whole number, as in `(y + 1) mod classes`");
    return Value::error();
  }
  if (!countsClasses(divisor))
    return Value::error();
  return Value::of(labels.labelOf(build.mod(left.value, divisor, expr.span), expr.span));
}

} // namespace advx::sema
