//===- ParamRanges.cpp - Where the numbers of a text must lie ------------------===//

#include "compiler/sema/texts/ParamRanges.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <cmath>

namespace advx::sema {

std::optional<double> ParamRanges::bound(const syntax::Expr &expr) {
  Env env;
  env.scope = std::make_shared<Scope>(sheet.rootScope, expr.span.file);
  ExprPtr value = exprChecker.checkExpr(expr, env);
  if (!value)
    return std::nullopt;
  const bool isMinus = value->is(Op::Neg);
  if ((isMinus ? value->args[0] : value)->kind == Expr::Kind::Infinity)
    return isMinus ? -INFINITY : INFINITY;
  if (value->kind == Expr::Kind::Number)
    return value->value.toDouble();
  findings.report(diag::Code::NotConstant, expr.span, "a range is between two constants")
      .label(value->type.str())
      .found("`" + findings.source(expr.span) + "`")
      .expected("a number")
      .help("as in `in 0..1` or `in 1..infinity`");
  return std::nullopt;
}

bool ParamRanges::hold(const syntax::Param &param, const std::string &of, Value &value, Span use) {
  if (!param.within)
    return true;
  const syntax::Expr &written = *param.within;
  const std::string &type = param.type.name.text;
  if (written.kind != syntax::Expr::Kind::Binary || written.text != ".." ||
      (type != "real" && type != "int")) {
    findings.report(diag::Code::WrongType, written.span, "only a number has a range")
        .label("here")
        .found("`" + findings.source(param.span) + "`")
        .expected("`" + param.name.text + " : real in LOW..HIGH`")
        .help("write the least and the largest number that it may be");
    return false;
  }
  std::optional<double> low = bound(*written.children[0]), high = bound(*written.children[1]);
  if (!low || !high)
    return false;
  const std::string what = "`" + param.name.text + "` of `" + of + "`";
  const Span place = value.span.isValid() ? value.span : use;
  if (!value.isNumber()) {
    findings.report(diag::Code::WrongType, place, what + " is one number for all examples")
        .label(value.str())
        .found(value.str())
        .expected("a number from " + findings.source(written.children[0]->span) + " to " +
                  findings.source(written.children[1]->span))
        .help("a range cannot be looked at where the number depends on the example")
        .note(param.span, "declared here");
    return false;
  }
  if (value.expr->kind == Expr::Kind::Infinity && std::isinf(*high))
    return true;
  Range range;
  if (std::isfinite(*low))
    range.minimum = *low;
  if (std::isfinite(*high))
    range.maximum = *high;
  const bool isWhole = type == "int" && build.isWhole(value.expr);
  ExprPtr held = settingTable.bounded(value.expr, range, diag::Code::WrongArgument, what,
                                      settingTable.freePath(of, "in", param.name.text), place,
                                      isWhole ? Type::Element::Int : Type::Element::Real);
  if (!held)
    return false;
  value.expr = std::move(held);
  return true;
}

} // namespace advx::sema
