//===- Piecewise.cpp - Schedules that are constant between epochs ------------===//

#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/PrimitiveChecker.h"

namespace advx::sema {

/// `piecewise(v0, [e1: v1, e2: v2])` of `epoch`: the last value whose epoch has begun.
Value PrimitiveChecker::checkPiecewise(const PrimitiveInfo &info, const syntax::Expr &call,
                                       Env &env) {
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(info.params, info.required, call.args, 0, call.span, info.name, Span(),
                            bound))
    return Value::error();
  // Its values are parts of the schedule: `outer.lr.first`, `outer.lr.later.1`, ….
  std::string role = env.role.empty() || settingTable.isPath(env.role + ".first") ? "" : env.role;
  auto part = [&](const std::string &name, const syntax::Expr &text) -> ExprPtr {
    Env where = env;
    where.role = role.empty() ? "" : role + "." + name;
    return exprChecker.checkExpr(text, where);
  };
  // Whole numbers where all of them are.
  Type::Element element = Type::Element::Int;
  auto settle = [&](const std::string &name, const ExprPtr &value, Span span) -> ExprPtr {
    bool isNumber = value->type.isNumber() && value->type.element != Type::Element::Bool;
    return isNumber && !role.empty() ? settingTable.setting(role + "." + name, element, value,
                                                            findings.source(span), false, span)
                                     : value;
  };
  ExprPtr result = part("first", *bound[0]->value);
  const syntax::Expr &list = *bound[1]->value;
  bool ok = result != nullptr;
  if (list.kind != syntax::Expr::Kind::List && list.kind != syntax::Expr::Kind::Map) {
    findings
        .report(diag::Code::WrongType, list.span, "`piecewise` takes a list of epochs and values")
        .label("not a list")
        .found("`" + findings.source(list.span) + "`")
        .expected("`[epoch: value, …]`")
        .help("as in `piecewise(0.1, [75: 0.01, 90: 0.001])`");
    return Value::error();
  }
  std::optional<Rational> last;
  std::vector<std::pair<ExprPtr, ExprPtr>> later;
  for (const syntax::Arg &entry : list.args) {
    if (!entry.key) {
      findings.report(diag::Code::WrongType, entry.span, "this entry has no epoch")
          .label("a value alone")
          .found("`" + findings.source(entry.span) + "`")
          .expected("`epoch: value`")
          .help("write the epoch from which the value holds");
      return Value::error();
    }
    ExprPtr from = exprChecker.checkExpr(*entry.key, env);
    ExprPtr value = part("later." + std::to_string(&entry - list.args.data() + 1), *entry.value);
    if (!from || !value) {
      ok = false;
      continue;
    }
    std::optional<Rational> at = build.evaluate(from);
    if (at && last && !(*last < *at)) {
      findings
          .report(diag::Code::WrongArgument, entry.key->span,
                  "the epochs of `piecewise` must increase")
          .label("not later than the one before")
          .found("`" + at->str() + "` after `" + last->str() + "`")
          .expected("increasing epochs")
          .help("sort the entries");
      ok = false;
    }
    last = at;
    for (const ExprPtr &part : {from, value})
      if (!part->type.isNumber()) {
        findings.report(diag::Code::WrongType, part->span, "a schedule is made of numbers")
            .label(part->type.str())
            .found(part->type.str())
            .expected("`real`")
            .help("use constants");
        ok = false;
      }
    if (value->type.element != Type::Element::Int)
      element = Type::Element::Real;
    later.emplace_back(from, value);
  }
  if (!ok)
    return Value::error();
  if (result->type.element != Type::Element::Int)
    element = Type::Element::Real;
  const Value *epoch = sheet.rootScope->find("epoch");
  result = settle("first", result, bound[0]->value->span);
  for (size_t i = 0; i < later.size(); ++i) {
    ExprPtr value =
        settle("later." + std::to_string(i + 1), later[i].second, list.args[i].value->span);
    result = build.select(
        labels.compare(Predicate::Less, epoch->expr, later[i].first, list.args[i].span), result,
        value, call.span);
  }
  return Value::of(result);
}

} // namespace advx::sema
