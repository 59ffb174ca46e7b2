//===- SetChecker.cpp - Feasible sets -----------------------------------------===//
//
// A set is a list of parts, `A & B`, each the text of a `set` at its arguments
// (SetParts.cpp), or a union of such. Its geometry (steepest, radius, start) is that of
// the one part that has a radius; it is projected part after part in the order of the text.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/Visit.h"
#include "compiler/sema/texts/CallBinder.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/Primitives.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

/// A set where it stands: a declared threat at its arguments, or written in place.
Value SetChecker::checkSet(const syntax::Expr &expr, Env &env) {
  const Value *threat = nullptr;
  const syntax::Expr *callee = expr.kind == Kind::Call ? expr.children[0].get() : &expr;
  if (callee->kind == Kind::Name)
    threat = uses.find(*env.scope, *callee);
  Value result;
  result.kind = Value::Kind::Set;
  result.span = expr.span;
  if (threat && threat->kind == Value::Kind::Set && expr.kind == Kind::Name)
    return *threat;
  if (threat && threat->kind == Value::Kind::Threat) {
    std::optional<std::vector<ExprPtr>> args = threatArguments(*threat, expr, env);
    if (!args)
      return Value::error();
    result.set = threat->set;
    result.args = std::move(*args);
    return result;
  }
  if (threat && (threat->kind == Value::Kind::Unsupported || threat->isError()))
    return Value::error();
  if (isEach(expr)) {
    result.set = makeEach(expr, functions.freeSymbol(env.role.empty() ? "set" : env.role + ".set"),
                          env.role, env.scope);
    return result.set ? result : Value::error();
  }
  if (expr.kind != Kind::Call && !(expr.kind == Kind::Binary && expr.text == "&")) {
    Value value = exprChecker.check(expr, env);
    if (!value.isError())
      findings.report(diag::Code::WrongKind, expr.span, "a set is needed here")
          .label(value.str())
          .found(value.str())
          .expected("a set, as in `B(x)`")
          .help("name a threat and apply it");
    return Value::error();
  }
  // Written in place: its parameters are x and y of the page, and the points that it names.
  auto scope = std::make_shared<Scope>(env.scope);
  std::vector<const Local *> params, given;
  for (const Local *outer : {sheet.experiment->x, sheet.experiment->y})
    if (outer)
      given.push_back(outer);
  for (const Adversary *inner : sheet.experiment->inner)
    if (!inner->variable->type.isWeights() && namesIt(expr, inner->variable->name))
      given.push_back(inner->variable);
  for (const Local *outer : given) {
    Local *formal = sheet.local(outer->name, outer->type, expr.span);
    params.push_back(formal);
    scope->names[outer->name] = Value::of(build.localRef(formal, expr.span));
    result.args.push_back(build.localRef(outer, expr.span));
  }
  std::string name = functions.freeSymbol(env.role.empty() ? "set" : env.role + ".set");
  result.set =
      makeSet(expr, name, env.role.empty() ? std::string() : env.role, scope, params, images());
  return result.set ? result : Value::error();
}

void SetChecker::checkThreat(const syntax::Item &item) {
  Value bad;
  auto scope = std::make_shared<Scope>(sheet.pageScope);
  std::vector<const Local *> params;
  bool ok = sheet.dataReady;
  for (const syntax::Name &name : item.names) {
    const Local *outer = nullptr;
    for (const Local *candidate : {sheet.experiment->x, sheet.experiment->y})
      if (candidate && candidate->name == name.text)
        outer = candidate;
    if (!outer) {
      if (sheet.dataReady)
        findings.report(diag::Code::UnknownName, name.span, "a threat is a function of `x` and `y`")
            .label("unknown argument")
            .found("`" + name.text + "`")
            .expected("`x`, or `x` and `y`")
            .help("write `threat " + item.name.text + "(x) = …`");
      ok = false;
      continue;
    }
    Local *formal = sheet.local(outer->name, outer->type, name.span);
    params.push_back(formal);
    scope->names[name.text] = Value::of(build.localRef(formal, name.span));
  }
  if (!sheet.dataReady) {
    binder.declareName(*sheet.pageScope, item.name, bad);
    return;
  }
  // A set that does not mention the example is one of weights.
  const bool isOfWeights = isEach(*item.value);
  if (ok && item.names.empty() != isOfWeights) {
    findings
        .report(diag::Code::WrongKind, item.span,
                isOfWeights ? "a set of weights is no function of the example"
                            : "a threat without arguments is a set of weights")
        .label("here")
        .found("`" + findings.source(item.value->span) + "`")
        .expected(isOfWeights ? "no arguments"
                              : "`each(p in matrices(f), SET)`, or the arguments `x` or `x, y`")
        .help(isOfWeights ? "write `threat " + item.name.text + " = …`"
                          : "write `threat " + item.name.text + "(x) = …`");
    ok = false;
  }
  std::shared_ptr<SetForm> form;
  if (ok)
    form = isOfWeights
               ? makeEach(*item.value, item.name.text, item.name.text, scope)
               : makeSet(*item.value, item.name.text, item.name.text, scope, params, images());
  if (!form) {
    binder.declareName(*sheet.pageScope, item.name, bad);
    return;
  }
  Value value;
  value.kind = isOfWeights ? Value::Kind::Set : Value::Kind::Threat;
  value.set = form;
  if (isOfWeights) {
    if (binder.declareName(*sheet.pageScope, item.name, value))
      ++sheet.threatsOfWeights;
    return;
  }
  if (binder.declareName(*sheet.pageScope, item.name, value)) {
    sheet.threats.push_back(form);
    sheet.threatItems.push_back({&item, form});
  }
}

Value SetChecker::setRadius(const Value &set, Span span) {
  if (!set.set->members.empty()) {
    noProjection(span, set.set->text, set.set->span);
    return Value::error();
  }
  if (set.set->radiusNumber)
    return Value::of(set.set->radiusNumber);
  if (!set.set->set->radius) {
    findings.report(diag::Code::MissingPart, span, "this set has no radius")
        .label("asked here")
        .found("`" + set.set->text + "`")
        .expected("a set with a `radius` member")
        .help("intersect it with a ball, or give the number that is derived from it")
        .note(set.set->span, "the set");
    return Value::error();
  }
  return Value::of(functions.callFunction(set.set->set->radius, set.args, span));
}

void SetChecker::missingMember(const Value &set, const std::string &name, Span span) {
  findings.report(diag::Code::MissingPart, span, "this set has no `" + name + "`")
      .label("asked here")
      .found("`" + set.set->text + "`")
      .expected("a set that declares it")
      .help("intersect it with a ball")
      .note(set.set->span, "the set");
}

ExprPtr SetChecker::sampleOf(const Value &set, Span span) {
  if (!set.set->members.empty()) {
    noProjection(span, set.set->text, set.set->span);
    return nullptr;
  }
  if (!set.set->set->start) {
    missingMember(set, "start", span);
    return nullptr;
  }
  Value radius = setRadius(set, span);
  if (radius.isError())
    return nullptr;
  const Function *function =
      startOf(*set.set, "start", radius.isNumber() ? Type() : radius.expr->type);
  if (!function)
    return nullptr;
  std::vector<ExprPtr> args = set.args;
  args.push_back(radius.expr);
  return functions.callFunction(function, std::move(args), span);
}

/// project(B, v), steepest(B, u), radius(B), sample(B, r), boundary(B, r), members(B).
Value SetChecker::callSetMember(const PrimitiveInfo &info, const syntax::Expr &call, Env &env) {
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(info.params, info.required, call.args, 0, call.span, info.name, Span(),
                            bound))
    return Value::error();
  Value set = checkSet(*bound[0]->value, env);
  if (set.isError())
    return set;
  if (info.primitive == Primitive::Members)
    return membersOf(set, call.span);
  Value last;
  const bool given = bound.size() > 1 && bound[1];
  if (given && (last = exprChecker.check(*bound[1]->value, env)).isError())
    return Value::error();
  if (given)
    last.span = bound[1]->value->span;
  if (set.set->set->group)
    return memberOfEach(info, set, last, env.role, call.span);
  if (given)
    last = Value::of(exprChecker.expectExpr(last, bound[1]->value->span));
  return given && last.isError()
             ? last
             : memberOfSet(info, set, given ? &last : nullptr, env.role, call.span);
}

Value SetChecker::memberOfSet(const PrimitiveInfo &info, const Value &set, const Value *given,
                              const std::string &role, Span span) {
  const std::string &name = info.name;
  const bool isSample =
      info.primitive == Primitive::Sample || info.primitive == Primitive::Boundary;
  const std::string asked = info.primitive == Primitive::Sample ? "start" : name;
  if (info.primitive == Primitive::Radius)
    return setRadius(set, span);
  if (!set.set->members.empty()) {
    noProjection(span, set.set->text, set.set->span);
    return Value::error();
  }
  const Function *function = info.primitive == Primitive::Project    ? set.set->set->project
                             : info.primitive == Primitive::Steepest ? set.set->set->steepest
                                                                     : set.set->set->start;
  if (isSample ? !set.set->geometry || !member(*set.set->geometry, asked) : !function) {
    missingMember(set, asked, span);
    return Value::error();
  }
  std::vector<ExprPtr> args = set.args;
  ExprPtr last;
  if (given)
    last = given->expr;
  else if (Value radius = setRadius(set, span); !radius.isError())
    last = radius.expr;
  if (!last)
    return Value::error();
  const Type want = isSample ? Type() : function->params.back()->type;
  bool fit = isSample ? last->type.isNumber()
                            ? last->type.element != Type::Element::Bool
                            : last->type.isScalar() && last->type.element == Type::Element::Real
                      : last->type.isTensor() && last->type.shape == want.shape &&
                            last->type.element == Type::Element::Real;
  if (!fit) {
    findings.report(diag::Code::ShapeMismatch, last->span, "`" + name + "` cannot take this")
        .label(last->type.str())
        .found(last->type.str())
        .expected(want.str())
        .help("pass a point of the same shape as `x`");
    return Value::error();
  }
  if (isSample) {
    Range range;
    range.minimum = 0;
    last = settingTable.bounded(last, range, diag::Code::NegativeRadius, "the radius of the start",
                                settingTable.freePath(role, name, "radius"), last->span);
    const Type radius = last ? last->type : Type();
    if (!last || !(function = startOf(*set.set, asked, radius.isNumber() ? Type() : radius)))
      return Value::error();
  }
  args.push_back(last);
  return Value::of(functions.callFunction(function, std::move(args), span));
}

} // namespace advx::sema
