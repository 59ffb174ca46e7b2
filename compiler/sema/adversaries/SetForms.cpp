//===- SetForms.cpp - Sets and unions of their parts ----------------------------===//

#include "compiler/sema/Visit.h"
#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/types/Primitives.h"

#include <algorithm>

namespace advx::sema {

bool SetChecker::isClosed(const SetForm &form, const PageEnv &env, const std::string &name) {
  // The functions of a set know the example by their arguments alone.
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
    findings.unsupported(form.span, "a `let` of the example in a set",
                         "write the expression in the set");
    return false;
  }
  for (const SetPart &part : form.parts)
    for (const Value &value : part.arguments)
      if (value.isExpr()) {
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
        return false;
      }
  return true;
}

/// Finds the part with the geometry: the radius, or else a direction or a start.
bool SetChecker::findGeometry(SetForm &form) {
  const SetPart *&geometry = form.geometry;
  for (const SetPart &part : form.parts) {
    if (!member(part, "project")) {
      findings
          .report(diag::Code::MissingPart, part.decl->name.span,
                  "the set `" + part.decl->name.text + "` has no projection")
          .label("declared here")
          .expected("`project(v) = …`")
          .help("add it");
      return false;
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
      return false;
    }
    geometry = &part;
  }
  if (!geometry)
    for (const SetPart &part : form.parts)
      if (member(part, "start") || member(part, "steepest"))
        geometry = &part;
  return true;
}

std::shared_ptr<SetForm> SetChecker::makeSet(const syntax::Expr &expr, const std::string &name,
                                             const std::string &role, ScopePtr scope,
                                             std::vector<const Local *> params,
                                             const Points &points) {
  PageEnv env(scope);
  env.role = role;
  Members members;
  if (!collectMembers(expr, env, points, members))
    return nullptr;
  Block opening;
  env.begin(opening);
  const bool isUnion = members.size() > 1;
  auto formOf = [&](std::vector<SetPart> parts, const std::string &called) {
    auto form = std::make_shared<SetForm>();
    form->span = expr.span;
    form->text = findings.source(expr.span);
    form->weight = points.weight;
    form->parts = std::move(parts);
    if (points.weight || sheet.dataReady)
      fillPoints(form->parts, points.type);
    form->lets = opening.stmts;
    for (const SetPart &part : form->parts) {
      if (!form->report.empty())
        append(form->report, {{" & ", std::nullopt}});
      append(form->report, part.report);
    }
    Set *set = sheet.make<Set>();
    set->name = called;
    set->params = params;
    set->span = expr.span;
    form->set = set;
    return form;
  };
  std::vector<std::shared_ptr<SetForm>> forms;
  for (std::vector<SetPart> &parts : members) {
    const std::string called = isUnion ? name + "." + std::to_string(forms.size() + 1) : name;
    forms.push_back(formOf(std::move(parts), called));
    SetForm &form = *forms.back();
    if (!isClosed(form, env, name) || !findGeometry(form))
      return nullptr;
    if (isUnion) {
      form.span = form.parts.front().span;
      form.text.clear();
      for (const SetPart &part : form.parts)
        form.text += (form.text.empty() ? "" : " & ") + findings.source(part.span);
    }
    if (!makeFunctions(form, points))
      return nullptr;
    if (points.weight)
      form.centre = centreOf(form, points);
  }
  if (!isUnion)
    return forms.front();
  std::shared_ptr<SetForm> whole = formOf({}, name);
  whole->members = std::move(forms);
  return makeUnion(*whole) ? whole : nullptr;
}

/// What a union answers is whether it holds a point: the point on its members that is nearest by
/// the largest entry. That one is no projection, since the members measure otherwise.
bool SetChecker::makeUnion(SetForm &form) {
  append(form.report, {{"union(", std::nullopt}});
  ExprPtr nearest, distance;
  Set *set = form.set;
  Function *function = functions.newFunction(set->name + ".nearest", form.span);
  function->params = set->params;
  function->body.stmts = form.lets;
  Local *v = sheet.local("v", images().type, form.span);
  function->params.push_back(v);
  for (const std::shared_ptr<SetForm> &member : form.members) {
    if (member != form.members.front())
      append(form.report, {{", ", std::nullopt}});
    append(form.report, member->report);
    std::vector<ExprPtr> args;
    for (const Local *param : set->params)
      args.push_back(build.localRef(param, form.span));
    args.push_back(build.localRef(v, form.span));
    ExprPtr point = functions.callFunction(member->set->project, args, form.span);
    ExprPtr moved = build.elementwise(Op::Sub, {point, build.localRef(v, form.span)}, form.span);
    Type scalar = moved->type;
    scalar.shape.clear();
    ExprPtr far = build.node(Op::Norm, {moved}, scalar, form.span, {{"p", {0}}});
    if (nearest) {
      ExprPtr isNearer = build.comparison(Predicate::Less, far, distance, form.span);
      nearest = build.select(isNearer, point, nearest, form.span);
      distance = build.elementwise(Op::Minimum, {distance, far}, form.span);
    } else {
      nearest = point;
      distance = far;
    }
  }
  append(form.report, {{")", std::nullopt}});
  function->body.value = nearest;
  sheet.experiment->functions.push_back(function);
  set->project = function;
  set->parts = {function};
  for (const std::shared_ptr<SetForm> &member : form.members)
    set->members.push_back(member->set);
  sheet.experiment->sets.push_back(set);
  return true;
}

Value SetChecker::membersOf(const Value &set, Span span) {
  Value list;
  list.kind = Value::Kind::List;
  list.span = span;
  for (const std::shared_ptr<SetForm> &form : set.set->members) {
    list.elements.push_back(set);
    list.elements.back().set = form;
  }
  if (list.elements.empty())
    list.elements = {set};
  return list;
}

} // namespace advx::sema
