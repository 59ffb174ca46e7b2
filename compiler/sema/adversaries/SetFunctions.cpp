//===- SetFunctions.cpp - What a set becomes: projections, directions, starts ---===//

#include "compiler/sema/Visit.h"
#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>
#include <utility>

namespace advx::sema {

const syntax::SetMember *SetChecker::member(const SetPart &part, const std::string &name) const {
  for (const syntax::SetMember &member : part.decl->members)
    if (member.name.text == name)
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
  const bool draws = weight && text.name.text == "start";
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
  if (text.params.size() != types.size()) {
    findings
        .report(diag::Code::WrongArgument, text.name.span,
                "the member `" + text.name.text + "` has the wrong number of parameters")
        .label("declared here")
        .found(std::to_string(text.params.size()))
        .expected(std::to_string(types.size()))
        .help("`project(v)`, `steepest(u)`, `start(r)` and `radius` are asked for");
    return functions.instances[key] = nullptr;
  }
  Function *function =
      functions.newFunction(part.decl->name.text + "." + text.name.text, text.span);
  function->params = locals;
  auto inner = std::make_shared<Scope>(scope);
  for (size_t i = 0; i < types.size(); ++i) {
    Local *formal = sheet.local(text.params[i].text, types[i], text.params[i].span);
    function->params.push_back(formal);
    if (!binder.declareName(*inner, text.params[i],
                            Value::of(build.localRef(formal, text.params[i].span))))
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

std::shared_ptr<SetForm> SetChecker::makeSet(const syntax::Expr &expr, const std::string &name,
                                             const std::string &role, ScopePtr scope,
                                             std::vector<const Local *> params,
                                             const Points &points) {
  auto form = std::make_shared<SetForm>();
  form->span = expr.span;
  form->text = findings.source(expr.span);
  form->weight = points.weight;
  PageEnv env(scope);
  env.role = role;
  if (!collectParts(expr, env, form->parts, points.first ? &points.first->parts : nullptr))
    return nullptr;
  if (points.weight || sheet.dataReady)
    fillPoints(form->parts, points.type);
  for (const SetPart &part : form->parts) {
    if (!form->report.empty())
      append(form->report, {{" & ", std::nullopt}});
    append(form->report, part.report);
  }
  // The functions of a set are closed: they know the example by their arguments alone.
  std::vector<const Local *> ofPage = {sheet.experiment->x, sheet.experiment->y};
  for (const Adversary *inner : sheet.experiment->inner)
    ofPage.push_back(inner->variable);
  const Local *outside = nullptr;
  auto look = [&](const Expr &e) {
    if (e.kind == Expr::Kind::Local &&
        std::find(ofPage.begin(), ofPage.end(), e.local) != ofPage.end())
      outside = e.local;
  };
  for (const auto &[index, instance] : env.lets.lets)
    visitExprs(instance.stmts, look);
  if (outside) {
    findings.unsupported(expr.span, "a `let` of the example in a set",
                         "write the expression in the set");
    return nullptr;
  }
  for (const SetPart &part : form->parts)
    for (const Value &value : part.arguments)
      if (value.isExpr() && !outside) {
        visitExprs(value.expr, look);
        if (!outside)
          continue;
        findings
            .report(diag::Code::UnknownName, value.span,
                    "`" + name + "` is not a function of `" + outside->name + "`")
            .label("reads `" + outside->name + "`")
            .found("`" + findings.source(value.span) + "`")
            .expected("the arguments of the threat, or numbers")
            .help(outside == sheet.experiment->x || outside == sheet.experiment->y
                      ? "write `threat " + name + "(x, y) = …`, and `" + name +
                            "(x, y)` where it is used"
                      : "write the set after `over`, where `" + outside->name + "` is known");
        return nullptr;
      }
  const Type &point = points.type;
  Set *set = sheet.make<Set>();
  set->name = name;
  set->params = params;
  set->span = expr.span;
  form->set = set;

  // Which part has the geometry.
  const SetPart *&geometry = form->geometry;
  for (const SetPart &part : form->parts) {
    if (!member(part, "project")) {
      findings
          .report(diag::Code::MissingPart, part.decl->name.span,
                  "the set `" + part.decl->name.text + "` has no projection")
          .label("declared here")
          .expected("`project(v) = …`")
          .help("add it");
      return nullptr;
    }
    if (!member(part, "radius"))
      continue;
    if (geometry) {
      findings.report(diag::Code::TwoGeometries, part.span, "an intersection has two radii")
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
    sheet.experiment->functions.push_back(function);
    return function;
  };
  auto projection = [&](const std::string &symbol, Span span, const auto &value) {
    Function *project = functions.newFunction(symbol, span);
    begin(project);
    Local *v = sheet.local("v", point, expr.span);
    project->params.push_back(v);
    return finish(project, value(build.localRef(v, expr.span)));
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
      return functions.callFunction(function, passed, part.span);
    }));
    if (!set->parts.back())
      return nullptr;
  }
  set->project =
      single ? set->parts.front() : projection(name + ".project", expr.span, [&](ExprPtr v) {
        return projectAll(*form, std::move(v), nullptr);
      });
  if (!geometry) {
    form->centre = points.weight ? centreOf(*form, points) : nullptr;
    return form;
  }
  if (const syntax::SetMember *text = member(*geometry, "steepest")) {
    Function *steepest = functions.newFunction(name + ".steepest", expr.span);
    begin(steepest);
    Local *u = sheet.local("u", point, expr.span);
    steepest->params.push_back(u);
    std::vector<ExprPtr> passed;
    const Function *function = memberFunction(*geometry, *text, {point}, passed);
    if (!function)
      return nullptr;
    passed.push_back(build.localRef(u, expr.span));
    set->steepest = finish(steepest, functions.callFunction(function, passed, expr.span));
  }
  if (const syntax::SetMember *text = member(*geometry, "radius")) {
    // A radius of numbers is a number of the page.
    bool numbers = true;
    Scope scratch(sheet.rootScope, geometry->decl->span.file);
    for (size_t i = 0; i < geometry->arguments.size(); ++i)
      scratch.names[geometry->decl->params[i].name.text] = geometry->arguments[i];
    Env inline_;
    inline_.scope = std::make_shared<Scope>(scratch);
    Value value;
    if (OpenTexts::Inside inside(openTexts, OpenTexts::Part::Body, *geometry->decl, geometry->span);
        inside)
      value = callChecker.checkBody(text->body, inline_, true);
    if (value.isError())
      return nullptr;
    numbers = value.isNumber();
    if (numbers && points.first && points.first->radiusNumber) {
      value.expr = form->radiusNumber = points.first->radiusNumber;
    } else if (numbers) {
      Range range;
      range.minimum = 0;
      value.expr = settingTable.bounded(
          value.expr, range, diag::Code::NegativeRadius, "the radius",
          settingTable.freePath(name, geometry->decl->name.text, "radius"), geometry->span);
      if (!value.expr)
        return nullptr;
      form->radiusNumber = value.expr;
    }
    Function *radius = functions.newFunction(name + ".radius", expr.span);
    begin(radius);
    std::vector<ExprPtr> passed;
    const Function *function = numbers ? nullptr : memberFunction(*geometry, *text, {}, passed);
    ExprPtr result = numbers ? value.expr : functions.callFunction(function, passed, expr.span);
    set->radius = finish(radius, result);
  }
  if (member(*geometry, "start") &&
      !(set->start = startOf(*form, set->radius ? set->radius->body.value->type : Type())))
    return nullptr;
  form->centre = points.weight ? centreOf(*form, points) : nullptr;
  sheet.experiment->sets.push_back(set);
  return form;
}

/// The function (params…, radius) -> a point of the set, for radii of a type; null if the set has
/// no start, or one with a mistake.
const Function *SetChecker::startOf(SetForm &form, const Type &radius) {
  auto known = form.samples.find(radius.key());
  if (known != form.samples.end())
    return known->second;
  const Function *&result = form.samples[radius.key()];
  const syntax::SetMember *text = form.geometry ? member(*form.geometry, "start") : nullptr;
  if (!text)
    return nullptr;
  Function *sample = functions.newFunction(form.set->name + ".start", form.span);
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

/// One part after the other; the start has been projected on the one that it comes from.
ExprPtr SetChecker::projectAll(const SetForm &form, ExprPtr point, const SetPart *except) {
  for (size_t i = 0; i < form.set->parts.size(); ++i) {
    if (&form.parts[i] == except)
      continue;
    std::vector<ExprPtr> passed;
    for (const Local *param : form.set->params)
      passed.push_back(build.localRef(param, form.span));
    passed.push_back(std::move(point));
    point = functions.callFunction(form.set->parts[i], std::move(passed), form.parts[i].span);
  }
  return point;
}

} // namespace advx::sema
