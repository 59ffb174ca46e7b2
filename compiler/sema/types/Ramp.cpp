//===- Ramp.cpp - Schedules that are linear between two epochs ----------------===//

#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/PrimitiveChecker.h"

namespace advx::sema {

/// `ramp(first, last, epochs = a..b)`: `first` up to epoch a, `last` from epoch b on, and linear in
/// `epoch` between.
Value PrimitiveChecker::checkRamp(const PrimitiveInfo &info, const syntax::Expr &call, Env &env) {
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(info.params, info.required, call.args, 0, call.span, info.name, Span(),
                            bound))
    return Value::error();
  const syntax::Expr &range = *bound[2]->value;
  if (range.kind != syntax::Expr::Kind::Binary || range.text != "..") {
    findings.report(diag::Code::WrongType, range.span, "`ramp` goes from one epoch to another")
        .label("not a range")
        .found("`" + findings.source(range.span) + "`")
        .expected("`first..last`, two epochs")
        .help("as in `ramp(0, 8/255, epochs = 5..20)`");
    return Value::error();
  }
  // Its numbers are parts of the schedule: `eps.first`, `eps.last`, `eps.begin`, `eps.end`.
  std::string role = env.role.empty() || settingTable.isPath(env.role + ".first") ? "" : env.role;
  auto part = [&](const std::string &name, const syntax::Expr &text) -> ExprPtr {
    Env where = env;
    where.role = role.empty() ? "" : role + "." + name;
    ExprPtr value = exprChecker.checkExpr(text, where);
    if (value && (!value->type.isNumber() || value->type.element == Type::Element::Bool)) {
      findings.report(diag::Code::WrongType, text.span, "a schedule is made of numbers")
          .label(value->type.str())
          .found(value->type.str())
          .expected("`real`")
          .help("use constants");
      return nullptr;
    }
    return value && !role.empty()
               ? settingTable.setting(role + "." + name, Type::Element::Real, value,
                                      findings.source(text.span), false, text.span)
               : value;
  };
  ExprPtr first = part("first", *bound[0]->value), last = part("last", *bound[1]->value);
  ExprPtr begin = part("begin", *range.children[0]), end = part("end", *range.children[1]);
  if (!first || !last || !begin || !end)
    return Value::error();
  std::optional<Rational> from = build.evaluate(begin), to = build.evaluate(end);
  if (from && to && !(*from < *to)) {
    findings.report(diag::Code::WrongArgument, range.span, "a ramp ends after it begins")
        .label("no epoch between")
        .found("`" + from->str() + ".." + to->str() + "`")
        .expected("a later epoch after `..`")
        .help("a jump at an epoch is `piecewise(v, [epoch: w])`");
    return Value::error();
  }
  const Span span = call.span;
  auto op = [&](Op what, ExprPtr a, ExprPtr b) {
    return build.elementwise(what, {std::move(a), std::move(b)}, span);
  };
  // A run may set both ends to one epoch: then it is a jump there.
  const ExprPtr tiny = build.number(*Rational::make(1, 1000000), span);
  ExprPtr length = op(Op::Maximum, op(Op::Sub, end, begin), tiny);
  ExprPtr share = op(Op::Div, op(Op::Sub, sheet.rootScope->find("epoch")->expr, begin), length);
  share = build.elementwise(Op::Clip,
                            {share, build.number(Rational(0), span, Type::Element::Int),
                             build.number(Rational(1), span, Type::Element::Int)},
                            span);
  return Value::of(op(Op::Add, first, op(Op::Mul, op(Op::Sub, last, first), share)));
}

} // namespace advx::sema
