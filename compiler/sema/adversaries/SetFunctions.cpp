//===- SetFunctions.cpp - What a set becomes: projections, directions, starts ---===//

#include "compiler/sema/Visit.h"
#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace advx::sema {

const syntax::SetMember *SetChecker::member(const SetPart &part, const std::string &name) const {
  for (const syntax::SetMember &member : part.decl->members)
    if (member.name.text == name && member.beside.empty())
      return &member;
  return nullptr;
}

/// Names the arguments of a part in `scope`: tensors as locals of the function to
/// be made, numbers too; what shapes the text by value.
bool SetChecker::partScope(const SetPart &part, Scope &scope, std::vector<const Local *> &locals,
                           std::vector<ExprPtr> &passed) {
  return callChecker.bindParams(*part.decl, part.arguments, scope, part.span, &locals, &passed,
                                true);
}

const Function *SetChecker::memberFunction(const SetPart &part, const syntax::SetMember &text,
                                           const std::vector<Type> &types,
                                           std::vector<ExprPtr> &passed, const Leaf *weight) {
  Findings::Frame frame(findings, part.span, "in this use of `" + part.decl->name.text + "`");
  InstanceKey key(&text);
  for (size_t i = 0; i < part.arguments.size(); ++i)
    key.add(part.arguments[i], part.decl->params[i]);
  for (const Type &type : types)
    key.add(type);
  // Only a start draws, for each weight on its own.
  const bool draws = weight && (text.name.text == "start" || text.name.text == "boundary");
  if (draws)
    key.add(static_cast<const void *>(weight));
  auto scope = std::make_shared<Scope>(sheet.rootScope, part.decl->span.file);
  std::vector<const Local *> locals;
  if (!partScope(part, *scope, locals, passed))
    return nullptr;
  auto known = functions.instances.find(key);
  if (known != functions.instances.end())
    return known->second;
  OpenTexts::Inside inside(openTexts, OpenTexts::Part::Body, *part.decl, part.span);
  if (!inside)
    return nullptr;
  std::vector<syntax::Name> params = text.params;
  params.insert(params.end(), text.besideParams.begin(), text.besideParams.end());
  if (params.size() != types.size()) {
    findings
        .report(diag::Code::WrongArgument, text.name.span,
                "the member `" + text.name.text + "` has the wrong number of parameters")
        .label("declared here")
        .found(std::to_string(params.size()))
        .expected(std::to_string(types.size()))
        .help("`project(v)`, `steepest(u)`, `start(r)` and `radius` are asked for");
    return functions.instances[key] = nullptr;
  }
  Function *function =
      functions.newFunction(part.decl->name.text + "." + text.name.text, text.span);
  function->params = locals;
  auto inner = std::make_shared<Scope>(scope);
  for (size_t i = 0; i < types.size(); ++i) {
    Local *formal = sheet.local(params[i].text, types[i], params[i].span);
    function->params.push_back(formal);
    if (!binder.declareName(*inner, params[i], Value::of(build.localRef(formal, params[i].span))))
      return functions.instances[key] = nullptr;
  }
  Env env;
  env.scope = inner;
  env.stmts = &function->body.stmts;
  env.weight = weight;
  Value value = callChecker.checkBody(text.body, env, false);
  function->body.value = exprChecker.expectExpr(value, text.span);
  if (!function->body.value)
    return functions.instances[key] = nullptr;
  bool point = text.name.text == "project" || text.name.text == "steepest";
  if (point && function->body.value->type.shape != types[0].shape) {
    findings
        .report(diag::Code::ShapeMismatch, text.span,
                "`" + text.name.text + "` does not return a point")
        .label(function->body.value->type.str())
        .found(function->body.value->type.str())
        .expected(types[0].str())
        .help("it must have the shape of its argument");
    return functions.instances[key] = nullptr;
  }
  sheet.experiment->functions.push_back(function);
  return functions.instances[key] = function;
}

bool SetChecker::makeFunctions(SetForm &form, const Points &points) {
  Set *set = form.set;
  const std::string &name = set->name;
  const Type &point = points.type;
  auto begin = [&](Function *function) {
    function->params = set->params;
    function->body.stmts = form.lets;
  };
  auto finish = [&](Function *function, ExprPtr value) -> const Function * {
    if (!value)
      return nullptr;
    function->body.value = value;
    sheet.experiment->functions.push_back(function);
    return function;
  };
  auto projection = [&](const std::string &symbol, Span span, const auto &value) {
    Function *project = functions.newFunction(symbol, span);
    begin(project);
    Local *v = sheet.local("v", point, form.span);
    project->params.push_back(v);
    return finish(project, value(build.localRef(v, form.span)));
  };
  bool single = form.parts.size() == 1;
  for (const SetPart &part : form.parts) {
    std::string symbol = name + (single ? ".project" : "." + part.decl->name.text + ".project");
    set->parts.push_back(projection(symbol, part.span, [&](ExprPtr v) -> ExprPtr {
      std::vector<ExprPtr> passed;
      const Function *function = memberFunction(part, *member(part, "project"), {point}, passed);
      if (!function)
        return nullptr;
      passed.push_back(std::move(v));
      return functions.callFunction(function, passed, part.span);
    }));
    if (!set->parts.back())
      return false;
  }
  set->project =
      single ? set->parts.front() : projection(name + ".project", form.span, [&](ExprPtr v) {
        return projectAll(form, std::move(v), nullptr);
      });
  if (!set->project)
    return false;
  if (!form.geometry)
    return true;
  if (const syntax::SetMember *text = member(*form.geometry, "steepest")) {
    Function *steepest = functions.newFunction(name + ".steepest", form.span);
    begin(steepest);
    Local *u = sheet.local("u", point, form.span);
    steepest->params.push_back(u);
    std::vector<ExprPtr> passed;
    const Function *function = memberFunction(*form.geometry, *text, {point}, passed);
    if (!function)
      return false;
    passed.push_back(build.localRef(u, form.span));
    set->steepest = finish(steepest, functions.callFunction(function, passed, form.span));
  }
  if (member(*form.geometry, "radius") && !makeRadius(form, points))
    return false;
  if (member(*form.geometry, "start") &&
      !(set->start = startOf(form, "start", set->radius ? set->radius->body.value->type : Type())))
    return false;
  sheet.experiment->sets.push_back(set);
  return true;
}

bool SetChecker::makeRadius(SetForm &form, const Points &points) {
  const SetPart &geometry = *form.geometry;
  const syntax::SetMember &text = *member(geometry, "radius");
  // A radius of numbers is a number of the page.
  auto scratch = std::make_shared<Scope>(sheet.rootScope, geometry.decl->span.file);
  for (size_t i = 0; i < geometry.arguments.size(); ++i)
    scratch->names[geometry.decl->params[i].name.text] = geometry.arguments[i];
  Env inline_;
  inline_.scope = scratch;
  Value value;
  if (OpenTexts::Inside inside(openTexts, OpenTexts::Part::Body, *geometry.decl, geometry.span);
      inside)
    value = callChecker.checkBody(text.body, inline_, true);
  if (value.isError())
    return false;
  const bool isNumber = value.isNumber();
  if (isNumber && points.first && points.first->radiusNumber) {
    value.expr = form.radiusNumber = points.first->radiusNumber;
  } else if (isNumber) {
    Range range;
    range.minimum = 0;
    value.expr = settingTable.bounded(
        value.expr, range, diag::Code::NegativeRadius, "the radius",
        settingTable.freePath(form.set->name, geometry.decl->name.text, "radius"), geometry.span);
    if (!value.expr)
      return false;
    form.radiusNumber = value.expr;
  }
  Function *radius = functions.newFunction(form.set->name + ".radius", form.span);
  radius->params = form.set->params;
  radius->body.stmts = form.lets;
  std::vector<ExprPtr> passed;
  const Function *function = isNumber ? nullptr : memberFunction(geometry, text, {}, passed);
  radius->body.value = isNumber ? value.expr : functions.callFunction(function, passed, form.span);
  if (!radius->body.value)
    return false;
  sheet.experiment->functions.push_back(radius);
  form.set->radius = radius;
  return true;
}

/// The function (params…, radius) -> a point of the set, for radii of a type; null if the set has
/// no start, or one with a mistake.
const Function *SetChecker::startOf(SetForm &form, const std::string &name, const Type &radius) {
  const std::string key = name + " " + radius.key();
  auto known = form.samples.find(key);
  if (known != form.samples.end())
    return known->second;
  const Function *&result = form.samples[key];
  const syntax::SetMember *text = form.geometry ? member(*form.geometry, name) : nullptr;
  if (!text)
    return nullptr;
  Function *sample = functions.newFunction(form.set->name + "." + name, form.span);
  sample->params = form.set->params;
  sample->body.stmts = form.lets;
  const Local *r = sample->params.emplace_back(sheet.local("r", radius, form.span));
  std::vector<ExprPtr> passed;
  const Function *function = memberFunction(*form.geometry, *text, {radius}, passed, form.weight);
  if (!function)
    return nullptr;
  passed.push_back(build.localRef(r, form.span));
  ExprPtr value = functions.callFunction(function, passed, form.span);
  sample->body.value = projectAll(form, std::move(value), form.geometry);
  if (!sample->body.value)
    return nullptr;
  sheet.experiment->functions.push_back(sample);
  return result = sample;
}

std::pair<const syntax::SetMember *, const SetPart *> SetChecker::joint(const SetForm &form,
                                                                        const SetPart &part) const {
  for (const syntax::SetMember &text : part.decl->members) {
    if (text.beside.empty())
      continue;
    auto named = program.find(Decl::Kind::Set, text.beside.text, part.decl->span.file);
    for (const SetPart &other : form.parts)
      if (&other != &part && !named.empty() && other.decl == named.front() &&
          std::all_of(other.arguments.begin(), other.arguments.end(),
                      [](const Value &argument) { return argument.isExpr(); }))
        return {&text, &other};
  }
  return {nullptr, nullptr};
}

/// One part after the other, two at once where the text of one says how; a start has been projected
/// on the one that it comes from.
ExprPtr SetChecker::projectAll(const SetForm &form, ExprPtr point, const SetPart *except) {
  std::set<const SetPart *> done = {except};
  for (const SetPart &first : form.parts) {
    const SetPart *owner = &first, *other = nullptr;
    const syntax::SetMember *text = nullptr;
    for (const SetPart &part : form.parts) {
      auto [beside, with] = joint(form, part);
      if (beside && !done.count(&part) && !done.count(with) && (&part == &first || with == &first))
        std::tie(owner, text, other) = std::tuple(&part, beside, with);
    }
    if (done.count(&first))
      continue;
    done.insert({owner, other});
    std::vector<ExprPtr> passed;
    std::vector<Type> types = {point->type};
    const Function *function = form.set->parts[owner - form.parts.data()];
    if (text) {
      for (const Value &argument : other->arguments)
        types.push_back(argument.expr->type);
      function = memberFunction(*owner, *text, types, passed);
    } else {
      for (const Local *param : form.set->params)
        passed.push_back(build.localRef(param, form.span));
    }
    passed.push_back(std::move(point));
    if (text)
      for (const Value &argument : other->arguments)
        passed.push_back(argument.expr);
    point = functions.callFunction(function, std::move(passed), owner->span);
    if (!point)
      return nullptr;
  }
  return point;
}

} // namespace advx::sema
