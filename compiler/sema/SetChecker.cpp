//===- SetChecker.cpp - Feasible sets -----------------------------------------===//
//
// A set is a list of parts, `A & B`, each the text of a `set` at its arguments.
// Its geometry (steepest, radius, start) is that of the one part that has a
// radius; it is projected part after part in the order of the text.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/Checker.h"
#include "compiler/sema/Visit.h"

#include <algorithm>
#include <utility>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

const syntax::SetMember *Checker::member(const SetPart &part, const std::string &name) const {
  for (const syntax::SetMember &member : part.decl->members)
    if (member.name.text == name)
      return &member;
  return nullptr;
}

bool Checker::collectParts(const syntax::Expr &expr, Env &env, std::vector<SetPart> &parts) {
  if (expr.kind == Kind::Binary && expr.text == "&")
    return collectParts(*expr.children[0], env, parts) &
           collectParts(*expr.children[1], env, parts);
  const syntax::Expr *callee = expr.kind == Kind::Call ? expr.children[0].get() : nullptr;
  std::vector<const Decl *> decls;
  if (callee && callee->kind == Kind::Name)
    decls = program.find(Decl::Kind::Set, callee->text, env.scope->file);
  if (decls.empty()) {
    if (callee && callee->kind == Kind::Name) {
      if (env.scope->find(callee->text)) {
        unsupported(expr.span, "a declared threat as a part of another set");
        return false;
      }
      static const std::map<std::string, std::string> planned = {
          {"union", "`union` of sets"},
          {"each", "a set of weights (`each`)"},
          {"l1", "the set `l1`"},
          {"lp", "the set `lp`"}};
      auto it = planned.find(callee->text);
      if (it != planned.end()) {
        unsupported(callee->span, it->second);
        return false;
      }
      report(diag::Code::UnknownName, callee->span, "unknown set `" + callee->text + "`")
          .label("nothing declares this")
          .found("`" + callee->text + "`")
          .expected("a set")
          .help(nameHelp({diag::NamePlace::Set}, callee->text,
                         program.names(Decl::Kind::Set, env.scope->file)));
    } else {
      Value value = check(expr, env);
      if (!value.isError())
        report(diag::Code::WrongKind, expr.span, "a set is needed here")
            .label(value.str())
            .found(value.str())
            .expected("a set, as in `linf(x, radius = 0.1) & box(0, 1)`")
            .help("write the call of a set");
    }
    return false;
  }
  SetPart part;
  part.decl = decls.front();
  part.span = expr.span;
  std::vector<Value> values;
  std::vector<const syntax::Arg *> bound;
  if (!bindText(*part.decl, expr, env, values, bound))
    return false;
  // Numbers given on the page become settings of the set's name.
  part.report = {{part.decl->name.text, std::nullopt}};
  const char *separator = "(";
  for (size_t i = 0; i < values.size(); ++i) {
    const syntax::Param &param = part.decl->params[i];
    const syntax::Arg *given = bound[i];
    if (!env.role.empty() && values[i].isNumber() && param.type.name.text == "real") {
      std::string text = given ? source(given->value->span)
                               : printNumber(values[i].expr, param.defaultValue->span);
      if (!given)
        insertArgument(expr, param.name.text, text);
      values[i] = Value::of(setting(freePath(env.role, part.decl->name.text, param.name.text),
                                    Type::Element::Real, values[i].expr, text, !given,
                                    given ? given->span : expr.span));
    }
    if (!given && !values[i].isNumber())
      continue;
    std::string name = given && given->name.empty() ? "" : param.name.text + " = ";
    append(part.report, {{std::exchange(separator, ", ") + name, std::nullopt}});
    append(part.report, reportValue(values[i], given ? given->value->span : Span()));
  }
  append(part.report, {{*separator == '(' ? "()" : ")", std::nullopt}});
  part.arguments = std::move(values);
  parts.push_back(std::move(part));
  return true;
}

/// Names the arguments of a part in `scope`: tensors as locals of the function to
/// be made, numbers too; what shapes the text by value.
bool Checker::partScope(const SetPart &part, Scope &scope, std::vector<const Local *> &locals,
                        std::vector<ExprPtr> &passed) {
  return bindParams(*part.decl, part.arguments, scope, part.span, &locals, &passed, true);
}

const Function *Checker::memberFunction(const SetPart &part, const syntax::SetMember &text,
                                        const std::vector<Type> &types,
                                        std::vector<ExprPtr> &passed) {
  Frame frame(*this, part.span, "in this use of `" + part.decl->name.text + "`");
  std::string key = "set|" + std::to_string(reinterpret_cast<uintptr_t>(&text));
  for (size_t i = 0; i < part.arguments.size(); ++i) {
    const Value &value = part.arguments[i];
    key += "|" + (value.isExpr() ? value.expr->type.key() : value.str());
    if (value.isNumber() && part.decl->params[i].type.name.text == "int")
      if (auto exact = evaluate(value.expr))
        key += "=" + exact->str();
  }
  for (const Type &type : types)
    key += "|" + type.key();
  auto scope = std::make_shared<Scope>(rootScope, part.decl->span.file);
  std::vector<const Local *> locals;
  if (!partScope(part, *scope, locals, passed))
    return nullptr;
  auto known = instances.find(key);
  if (known != instances.end())
    return known->second;
  Inside inside(*this, activeTexts, *part.decl, part.span);
  if (!inside)
    return nullptr;
  if (text.params.size() != types.size()) {
    report(diag::Code::WrongArgument, text.name.span,
           "the member `" + text.name.text + "` has the wrong number of parameters")
        .label("declared here")
        .found(std::to_string(text.params.size()))
        .expected(std::to_string(types.size()))
        .help("`project(v)`, `steepest(u)`, `start(r)` and `radius` are asked for");
    return instances[key] = nullptr;
  }
  Function *function = newFunction(part.decl->name.text + "." + text.name.text, text.span);
  function->params = locals;
  auto inner = std::make_shared<Scope>(scope);
  for (size_t i = 0; i < types.size(); ++i) {
    Local *formal = local(text.params[i].text, types[i], text.params[i].span);
    function->params.push_back(formal);
    if (!declareName(*inner, text.params[i], Value::of(localRef(formal, text.params[i].span))))
      return instances[key] = nullptr;
  }
  Env env;
  env.scope = inner;
  env.stmts = &function->body.stmts;
  Value value = checkBody(text.body, env, false);
  function->body.value = expectExpr(value, text.span);
  if (!function->body.value)
    return instances[key] = nullptr;
  bool point = text.name.text == "project" || text.name.text == "steepest";
  if (point && function->body.value->type.shape != types[0].shape) {
    report(diag::Code::ShapeMismatch, text.span, "`" + text.name.text + "` does not return a point")
        .label(function->body.value->type.str())
        .found(function->body.value->type.str())
        .expected(types[0].str())
        .help("it must have the shape of its argument");
    return instances[key] = nullptr;
  }
  experiment->functions.push_back(function);
  return instances[key] = function;
}

std::shared_ptr<SetForm> Checker::makeSet(const syntax::Expr &expr, const std::string &name,
                                          const std::string &role, ScopePtr scope,
                                          std::vector<const Local *> params) {
  auto form = std::make_shared<SetForm>();
  form->span = expr.span;
  form->text = source(expr.span);
  PageEnv env(scope);
  env.role = role;
  if (!collectParts(expr, env, form->parts))
    return nullptr;
  for (const SetPart &part : form->parts) {
    if (!form->report.empty())
      append(form->report, {{" & ", std::nullopt}});
    append(form->report, part.report);
  }
  // The functions of a set are closed: a let that they copy must not depend on the example.
  const Local *outside = nullptr;
  auto look = [&](const Expr &e) {
    if (e.kind == Expr::Kind::Local && (e.local == experiment->x || e.local == experiment->y))
      outside = e.local;
  };
  for (const auto &[index, instance] : env.lets.lets)
    visitExprs(instance.stmts, look);
  if (outside) {
    unsupported(expr.span, "a `let` of the example in a set", "write the expression in the set");
    return nullptr;
  }
  for (const SetPart &part : form->parts)
    for (const Value &value : part.arguments)
      if (value.isExpr() && !outside) {
        visitExprs(value.expr, look);
        if (!outside)
          continue;
        report(diag::Code::UnknownName, value.span,
               "`" + name + "` is not a function of `" + outside->name + "`")
            .label("reads `" + outside->name + "`")
            .found("`" + source(value.span) + "`")
            .expected("the arguments of the threat, or numbers")
            .help("write `threat " + name + "(x, y) = …`, and `" + name +
                  "(x, y)` where it is used");
        return nullptr;
      }
  Type point;
  point.kind = Type::Kind::Tensor;
  point.shape = experiment->data.image;
  point.perExample = true;
  Set *set = make<Set>();
  set->name = name;
  set->params = params;
  set->span = expr.span;
  form->set = set;

  // Which part has the geometry.
  const SetPart *&geometry = form->geometry;
  for (const SetPart &part : form->parts) {
    if (!member(part, "project")) {
      report(diag::Code::MissingPart, part.decl->name.span,
             "the set `" + part.decl->name.text + "` has no projection")
          .label("declared here")
          .expected("`project(v) = …`")
          .help("add it");
      return nullptr;
    }
    if (!member(part, "radius"))
      continue;
    if (geometry) {
      report(diag::Code::TwoGeometries, part.span, "an intersection has two radii")
          .label("the second")
          .found("`" + part.decl->name.text + "` beside `" + geometry->decl->name.text + "`")
          .expected("one set with a radius, and boxes")
          .help("attack them one after another with `best` or `worst`")
          .note(geometry->span, "the first");
      return nullptr;
    }
    geometry = &part;
  }
  if (!geometry)
    for (const SetPart &part : form->parts)
      if (member(part, "start") || member(part, "steepest"))
        geometry = &part;

  Block opening;
  env.begin(opening);
  form->lets = std::move(opening.stmts);
  auto begin = [&](Function *function) {
    function->params = params;
    function->body.stmts = form->lets;
  };
  auto finish = [&](Function *function, ExprPtr value) -> const Function * {
    if (!value)
      return nullptr;
    function->body.value = value;
    experiment->functions.push_back(function);
    return function;
  };
  auto projection = [&](const std::string &symbol, Span span, const auto &value) {
    Function *project = newFunction(symbol, span);
    begin(project);
    Local *v = local("v", point, expr.span);
    project->params.push_back(v);
    return finish(project, value(localRef(v, expr.span)));
  };
  bool single = form->parts.size() == 1;
  for (const SetPart &part : form->parts) {
    std::string symbol = name + (single ? ".project" : "." + part.decl->name.text + ".project");
    set->parts.push_back(projection(symbol, part.span, [&](ExprPtr v) -> ExprPtr {
      std::vector<ExprPtr> passed;
      const Function *function = memberFunction(part, *member(part, "project"), {point}, passed);
      if (!function)
        return nullptr;
      passed.push_back(std::move(v));
      return callFunction(function, passed, part.span);
    }));
    if (!set->parts.back())
      return nullptr;
  }
  set->project =
      single ? set->parts.front() : projection(name + ".project", expr.span, [&](ExprPtr v) {
        return projectAll(*form, std::move(v), nullptr);
      });
  if (!geometry)
    return form;
  if (const syntax::SetMember *text = member(*geometry, "steepest")) {
    Function *steepest = newFunction(name + ".steepest", expr.span);
    begin(steepest);
    Local *u = local("u", point, expr.span);
    steepest->params.push_back(u);
    std::vector<ExprPtr> passed;
    const Function *function = memberFunction(*geometry, *text, {point}, passed);
    if (!function)
      return nullptr;
    passed.push_back(localRef(u, expr.span));
    set->steepest = finish(steepest, callFunction(function, passed, expr.span));
  }
  if (const syntax::SetMember *text = member(*geometry, "radius")) {
    // A radius of numbers is a number of the page.
    bool numbers = true;
    Scope scratch(rootScope, geometry->decl->span.file);
    for (size_t i = 0; i < geometry->arguments.size(); ++i)
      scratch.names[geometry->decl->params[i].name.text] = geometry->arguments[i];
    Env inline_;
    inline_.scope = std::make_shared<Scope>(scratch);
    Value value;
    if (Inside inside(*this, activeTexts, *geometry->decl, geometry->span); inside)
      value = checkBody(text->body, inline_, true);
    if (value.isError())
      return nullptr;
    numbers = value.isNumber();
    if (numbers) {
      Range range;
      range.minimum = 0;
      value.expr = bounded(value.expr, range, diag::Code::NegativeRadius, "the radius",
                           freePath(name, geometry->decl->name.text, "radius"), geometry->span);
      if (!value.expr)
        return nullptr;
      form->radiusNumber = value.expr;
    }
    Function *radius = newFunction(name + ".radius", expr.span);
    begin(radius);
    std::vector<ExprPtr> passed;
    const Function *function = numbers ? nullptr : memberFunction(*geometry, *text, {}, passed);
    ExprPtr result = numbers ? value.expr : callFunction(function, passed, expr.span);
    set->radius = finish(radius, result);
  }
  if (member(*geometry, "start") &&
      !(set->start = startOf(*form, set->radius ? set->radius->body.value->type : Type())))
    return nullptr;
  experiment->sets.push_back(set);
  return form;
}

/// The function (params…, radius) -> a point of the set, for radii of a type; null if the set has
/// no start, or one with a mistake.
const Function *Checker::startOf(SetForm &form, const Type &radius) {
  auto known = form.samples.find(radius.key());
  if (known != form.samples.end())
    return known->second;
  const Function *&result = form.samples[radius.key()];
  const syntax::SetMember *text = form.geometry ? member(*form.geometry, "start") : nullptr;
  if (!text)
    return nullptr;
  Function *sample = newFunction(form.set->name + ".start", form.span);
  sample->params = form.set->params;
  sample->body.stmts = form.lets;
  const Local *r = sample->params.emplace_back(local("r", radius, form.span));
  std::vector<ExprPtr> passed;
  const Function *function = memberFunction(*form.geometry, *text, {radius}, passed);
  if (!function)
    return nullptr;
  passed.push_back(localRef(r, form.span));
  ExprPtr value = callFunction(function, passed, form.span);
  sample->body.value = projectAll(form, std::move(value), form.geometry);
  if (!sample->body.value)
    return nullptr;
  experiment->functions.push_back(sample);
  return result = sample;
}

/// One part after the other; the start has been projected on the one that it comes from.
ExprPtr Checker::projectAll(const SetForm &form, ExprPtr point, const SetPart *except) {
  for (size_t i = 0; i < form.set->parts.size(); ++i) {
    if (&form.parts[i] == except)
      continue;
    std::vector<ExprPtr> passed;
    for (const Local *param : form.set->params)
      passed.push_back(localRef(param, form.span));
    passed.push_back(std::move(point));
    point = callFunction(form.set->parts[i], std::move(passed), form.parts[i].span);
  }
  return point;
}

/// Whether a name stands in the text of an expression.
static bool namesIt(const syntax::Expr &expr, const std::string &name) {
  auto inside = [&](const syntax::ExprPtr &part) { return part && namesIt(*part, name); };
  return (expr.kind == Kind::Name && expr.text == name) ||
         std::any_of(expr.children.begin(), expr.children.end(), inside) ||
         std::any_of(expr.args.begin(), expr.args.end(), [&](const syntax::Arg &arg) {
           return inside(arg.key) || inside(arg.value) || inside(arg.given);
         });
}

/// A set where it stands: a declared threat at its arguments, or written in place.
Value Checker::checkSet(const syntax::Expr &expr, Env &env) {
  const Value *threat = nullptr;
  const syntax::Expr *callee = expr.kind == Kind::Call ? expr.children[0].get() : &expr;
  if (callee->kind == Kind::Name)
    threat = env.scope->find(callee->text);
  Value result;
  result.kind = Value::Kind::Set;
  result.span = expr.span;
  if (threat && threat->kind == Value::Kind::Set && expr.kind == Kind::Name)
    return *threat;
  if (threat && threat->kind == Value::Kind::Threat) {
    result.set = threat->set;
    const std::vector<const Local *> &params = threat->set->set->params;
    std::vector<std::string> names;
    names.reserve(params.size());
    for (const Local *param : params)
      names.push_back(param->name);
    std::vector<const syntax::Arg *> bound;
    if (!bindArguments(names, names.size(), expr.args, 0, expr.span, callee->text, threat->span,
                       bound))
      return Value::error();
    for (size_t i = 0; i < params.size(); ++i) {
      ExprPtr value = checkExpr(*bound[i]->value, env);
      if (value && value->type.isNumber() && params[i]->type.element == Type::Element::Int &&
          params[i]->type.isTensor())
        value = classLabel(value, bound[i]->value->span);
      if (!value)
        return Value::error();
      if (value->type.shape != params[i]->type.shape ||
          value->type.element != params[i]->type.element || !value->type.isTensor()) {
        report(diag::Code::WrongType, bound[i]->span, "wrong argument for `" + callee->text + "`")
            .label(value->type.str())
            .found(value->type.str())
            .expected(params[i]->type.str())
            .help("as in `" + callee->text + "(x)`")
            .note(threat->span, "declared here");
        return Value::error();
      }
      result.args.push_back(value);
    }
    return result;
  }
  if (threat && (threat->kind == Value::Kind::Unsupported || threat->isError()))
    return Value::error();
  if (expr.kind != Kind::Call && !(expr.kind == Kind::Binary && expr.text == "&")) {
    Value value = check(expr, env);
    if (!value.isError())
      report(diag::Code::WrongKind, expr.span, "a set is needed here")
          .label(value.str())
          .found(value.str())
          .expected("a set, as in `B(x)`")
          .help("name a threat and apply it");
    return Value::error();
  }
  // Written in place: its parameters are x and y of the page, and the points that it names.
  auto scope = std::make_shared<Scope>(env.scope);
  std::vector<const Local *> params, given;
  for (const Local *outer : {experiment->x, experiment->y})
    if (outer)
      given.push_back(outer);
  for (const Adversary *inner : experiment->inner)
    if (namesIt(expr, inner->variable->name))
      given.push_back(inner->variable);
  for (const Local *outer : given) {
    Local *formal = local(outer->name, outer->type, expr.span);
    params.push_back(formal);
    scope->names[outer->name] = Value::of(localRef(formal, expr.span));
    result.args.push_back(localRef(outer, expr.span));
  }
  std::string name = freeSymbol(env.role.empty() ? "set" : env.role + ".set");
  result.set = makeSet(expr, name, env.role.empty() ? std::string() : env.role, scope, params);
  return result.set ? result : Value::error();
}

void Checker::checkThreat(const syntax::Item &item) {
  Value bad;
  auto scope = std::make_shared<Scope>(pageScope);
  std::vector<const Local *> params;
  bool ok = dataReady;
  for (const syntax::Name &name : item.names) {
    const Local *outer = nullptr;
    for (const Local *candidate : {experiment->x, experiment->y})
      if (candidate && candidate->name == name.text)
        outer = candidate;
    if (!outer) {
      if (dataReady)
        report(diag::Code::UnknownName, name.span, "a threat is a function of `x` and `y`")
            .label("unknown argument")
            .found("`" + name.text + "`")
            .expected("`x`, or `x` and `y`")
            .help("write `threat " + item.name.text + "(x) = …`");
      ok = false;
      continue;
    }
    Local *formal = local(outer->name, outer->type, name.span);
    params.push_back(formal);
    scope->names[name.text] = Value::of(localRef(formal, name.span));
  }
  if (!dataReady) {
    declareName(*pageScope, item.name, bad);
    return;
  }
  if (item.names.empty()) {
    // A set that does not mention the example is one of weights.
    unsupported(item.span, "a set of weights (a threat without arguments)");
    ok = false;
  }
  std::shared_ptr<SetForm> form =
      ok ? makeSet(*item.value, item.name.text, item.name.text, scope, params) : nullptr;
  if (!form) {
    declareName(*pageScope, item.name, bad);
    return;
  }
  Value value;
  value.kind = Value::Kind::Threat;
  value.set = form;
  if (declareName(*pageScope, item.name, value)) {
    threats.push_back(form);
    threatItems.push_back({&item, form});
  }
}

Value Checker::setRadius(const Value &set, Span span, Env &) {
  if (set.set->radiusNumber)
    return Value::of(set.set->radiusNumber);
  if (!set.set->set->radius) {
    report(diag::Code::MissingPart, span, "this set has no radius")
        .label("asked here")
        .found("`" + set.set->text + "`")
        .expected("a set with a `radius` member")
        .help("intersect it with a ball, or give the number that is derived from it")
        .note(set.set->span, "the set");
    return Value::error();
  }
  return Value::of(callFunction(set.set->set->radius, set.args, span));
}

/// project(B, v), steepest(B, u), radius(B), sample(B, r).
Value Checker::callSetMember(const std::string &name, const syntax::Expr &call, Env &env) {
  std::vector<std::string> params = {"B"};
  size_t required = 1;
  if (name == "project" || name == "steepest") {
    params.push_back(name == "project" ? "v" : "u");
    required = 2;
  } else if (name == "sample") {
    params.push_back("radius");
  }
  std::vector<const syntax::Arg *> bound;
  if (!bindArguments(params, required, call.args, 0, call.span, name, Span(), bound))
    return Value::error();
  Value set = checkSet(*bound[0]->value, env);
  if (set.isError())
    return set;
  if (name == "radius")
    return setRadius(set, call.span, env);
  const Function *function = name == "project"    ? set.set->set->project
                             : name == "steepest" ? set.set->set->steepest
                                                  : set.set->set->start;
  if (!function) {
    report(diag::Code::MissingPart, call.span,
           "this set has no `" + std::string(name == "sample" ? "start" : name) + "`")
        .label("asked here")
        .found("`" + set.set->text + "`")
        .expected("a set that declares it")
        .help("intersect it with a ball")
        .note(set.set->span, "the set");
    return Value::error();
  }
  std::vector<ExprPtr> args = set.args;
  ExprPtr last;
  if (params.size() > 1 && bound[1])
    last = checkExpr(*bound[1]->value, env);
  else if (Value radius = setRadius(set, call.span, env); !radius.isError())
    last = radius.expr;
  if (!last)
    return Value::error();
  const Type &want = function->params.back()->type;
  bool fit = name == "sample"
                 ? last->type.isNumber()
                       ? last->type.element != Type::Element::Bool
                       : last->type.isScalar() && last->type.element == Type::Element::Real
                 : last->type.isTensor() && last->type.shape == want.shape &&
                       last->type.element == Type::Element::Real;
  if (!fit) {
    report(diag::Code::ShapeMismatch, last->span, "`" + name + "` cannot take this")
        .label(last->type.str())
        .found(last->type.str())
        .expected(want.str())
        .help("pass a point of the same shape as `x`");
    return Value::error();
  }
  if (name == "sample") {
    Range range;
    range.minimum = 0;
    last = bounded(last, range, diag::Code::NegativeRadius, "the radius of the start",
                   freePath(env.role, name, "radius"), last->span);
    if (!last || !(function = startOf(*set.set, last->type.isNumber() ? Type() : last->type)))
      return Value::error();
  }
  args.push_back(last);
  return Value::of(callFunction(function, std::move(args), call.span));
}

} // namespace advx::sema
