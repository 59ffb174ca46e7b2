//===- SolverChecker.cpp - Solvers at the numbers of a page --------------===//

#include "compiler/sema/adversaries/SolverChecker.h"
#include "compiler/sema/Visit.h"
#include "compiler/sema/adversaries/StartChecker.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/StatementChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

/// Evaluates the arguments of a solver or optimiser on the page: each number is a
/// setting under `role`. In `scope` the parameters are locals that `lets` binds;

/// `values` receives them as settings. `text` becomes the call with every default.
bool SolverChecker::numericParams(const Decl &decl, const std::vector<syntax::Param> &params,
                                  const syntax::Expr &call, size_t skip, const std::string &role,
                                  Env &env, Scope &scope, std::vector<Stmt> *lets,
                                  std::vector<Value> *values, std::string &text) {
  std::vector<std::string> names;
  names.reserve(params.size());
  for (const syntax::Param &param : params)
    names.push_back(param.name.text);
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(names, 0, call.args, skip, call.span, decl.name.text, decl.name.span,
                            bound))
    return false;
  // Defaults may read the set and the parameters before them, as settings.
  auto defaults = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  defaults->names = scope.names;
  bool ok = true;
  for (size_t i = 0; i < params.size(); ++i) {
    const syntax::Param &param = params[i];
    const syntax::Arg *arg = bound[i];
    Span place = arg ? arg->span : call.span;
    const syntax::Expr *expr = arg ? arg->value.get() : param.defaultValue.get();
    if (!typeRules.isKnownType(param.type)) {
      ok = false;
      continue;
    }
    if (!expr) {
      findings
          .report(diag::Code::MissingArgument, call.span,
                  "`" + decl.name.text + "` needs a value for `" + param.name.text + "`")
          .label("missing argument")
          .found("`" + findings.source(call.span) + "`")
          .expected("a value for `" + param.name.text + "`")
          .help("add `" + param.name.text + " = …`")
          .note(param.span, "declared here");
      ok = false;
      continue;
    }
    Env where = env;
    if (!arg) {
      where = Env();
      where.scope = defaults;
      where.body = env.body;
    }
    where.role = role + "." + param.name.text;
    // `point` is an older spelling of the type of starts.
    bool isStart =
        param.type.name.text == "start" || (param.type.name.text == "point" && env.body->isSolver);
    Value value = isStart ? startChecker.makeStart(*expr, where) : exprChecker.check(*expr, where);
    value = labels.asLabel(param.type, value, place);
    std::string expected;
    if (value.isError()) {
      ok = false;
      scope.names[param.name.text] = value;
      continue;
    }
    if (arg && !env.body->isSolver && !typeRules.isOfPage(value, *expr, param, decl.name.text)) {
      ok = false;
      scope.names[param.name.text] = Value::error();
      continue;
    }
    if (!isStart && !typeRules.fits(param.type, value, scope, expected)) {
      findings
          .report(param.type.name.text == "int" && value.isNumber() ? diag::Code::NotAnInteger
                                                                    : diag::Code::WrongType,
                  expr->span,
                  "wrong type for `" + param.name.text + "` of `" + decl.name.text + "`")
          .label(value.str())
          .found(value.isNumber() && build.evaluate(value.expr)
                     ? "`" + build.evaluate(value.expr)->str() + "`"
                     : value.str())
          .expected(expected)
          .help("pass a value of that type")
          .note(param.span, "declared here");
      ok = false;
      scope.names[param.name.text] = Value::error();
      continue;
    }
    std::string shown = isStart ? value.start->text : arg ? findings.source(expr->span) : "";
    if (param.type.name.text == "label" && shown.empty())
      shown = findings.source(expr->span);
    if (value.isNumber()) {
      if (!arg)
        shown = settingTable.printNumber(value.expr, param.defaultValue->span);
      Type::Element element = elementOf(param);
      ExprPtr set =
          settingTable.setting(settingTable.freePath(role, decl.name.text, param.name.text),
                               element, value.expr, shown, !arg, place);
      if (element == Type::Element::Int && env.body->isSolver) {
        sheet.experiment->settings[set->index].range.minimum = 0;
        sheet.experiment->settings[set->index].range.maximum = limits::count;
        std::optional<Rational> exact = build.evaluate(value.expr);
        if (exact && exact->isInteger())
          ok &= sizes.checkRange(exact->numerator(), 0, limits::count, expr->span,
                                 "`" + param.name.text + "`");
      }
      value = Value::of(set);
    }
    if (!arg)
      settingTable.insertArgument(call, param.name.text,
                                  shown.empty() ? findings.source(expr->span) : shown);
    append(
        env.body->report,
        {{(text.empty() ? decl.name.text + "(" : ", ") + param.name.text + " = ", std::nullopt}});
    append(env.body->report,
           isStart ? value.start->report : reports.reportValue(value, arg ? expr->span : Span()));
    text += (text.empty() ? "" : ", ") + param.name.text + " = " + shown;
    defaults->names[param.name.text] = value;
    if (values)
      values->push_back(value);
    if (value.isExpr()) {
      Stmt let;
      let.kind = Stmt::Kind::Let;
      let.span = place;
      let.local = sheet.local(param.name.text, value.expr->type, param.name.span);
      let.value = value.expr;
      value = Value::of(build.localRef(let.local, param.name.span));
      lets->push_back(std::move(let));
    }
    value.span = param.name.span;
    if (scope.names.count(param.name.text)) {
      findings
          .report(diag::Code::DuplicateName, param.name.span,
                  "the name `" + param.name.text + "` is taken")
          .label("second declaration")
          .help("choose another name");
      ok = false;
      continue;
    }
    scope.names[param.name.text] = value;
  }
  append(env.body->report, {{text.empty() ? decl.name.text + "()" : ")", std::nullopt}});
  text = decl.name.text + "(" + text + ")";
  return ok;
}

/// At the beginning of a loop that makes new iterates: stops the examples whose iterate
/// meets the condition after `until`.
void SolverChecker::stopAtHit(const syntax::Stmt &loop, Env &env, std::vector<Stmt> &out) {
  BodyState &body = *env.body;
  std::function<bool(const std::vector<syntax::Stmt> &)> assigns =
      [&](const std::vector<syntax::Stmt> &stmts) {
        return std::any_of(stmts.begin(), stmts.end(), [&](const syntax::Stmt &stmt) {
          bool here = stmt.kind == syntax::Stmt::Kind::Assign && stmt.target->kind == Kind::Name &&
                      stmt.target->text == body.iterate;
          // An inner loop stops by itself.
          bool inside =
              stmt.kind == syntax::Stmt::Kind::If && (assigns(stmt.body) || assigns(stmt.orElse));
          return here || inside;
        });
      };
  const Value *iterate = env.scope->find(body.iterate);
  if (body.iterate.empty() || !iterate || !assigns(loop.body) || !iterate->isExpr() ||
      iterate->expr->type.shape != sheet.experiment->data.image)
    return;
  auto hit = std::make_shared<Expr>();
  hit->kind = Expr::Kind::Hit;
  hit->type.kind = Type::Kind::Tensor;
  hit->type.element = Type::Element::Bool;
  hit->type.perExample = true;
  hit->args = {iterate->expr};
  hit->span = loop.span;
  Stmt stop;
  stop.kind = Stmt::Kind::StopWhen;
  stop.span = loop.span;
  stop.value = hit;
  out.push_back(std::move(stop));
  body.again |= !body.stopsExamples;
  body.stopsExamples = body.stopsIterate = true;
}

bool SolverChecker::checkSolver(const syntax::Expr &call, Adversary &adversary, Env &env,
                                const Value &set, bool stops) {
  const std::string &name = call.children[0]->text;
  std::vector<const Decl *> decls = program.find(Decl::Kind::Solver, name, env.scope->file);
  if (decls.empty()) {
    findings
        .report(diag::Code::UnknownName, call.children[0]->span, "unknown solver `" + name + "`")
        .label("nothing declares this")
        .found("`" + name + "`")
        .expected("a solver")
        .help(suggestions.nameHelp({diag::NamePlace::Solver}, name,
                                   program.names(Decl::Kind::Solver, env.scope->file)));
    return false;
  }
  const Decl &decl = *decls.front();
  Findings::Frame frame(findings, call.span, "in this use of `" + name + "`");
  BodyState body;
  body.isSolver = true;
  body.role = adversary.path;
  body.set = set.set;
  body.setArgs = set.args;
  body.point = build.localRef(sheet.experiment->x, call.span);
  auto outer = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  outer->names[decl.set.text] = set;
  Value value = Value::of(body.point);
  value.span = decl.point.span;
  outer->names[decl.point.text] = value;
  value.expr = nullptr;
  value.kind = Value::Kind::Objective;
  value.span = decl.objective.span;
  outer->names[decl.objective.text] = value;
  if (!decl.until.empty()) {
    value.kind = Value::Kind::Hit;
    value.span = decl.until.span;
    outer->names[decl.until.text] = value;
  }
  Env arguments = env;
  arguments.body = &body;
  arguments.role.clear();
  std::vector<Stmt> lets;
  if (!numericParams(decl, decl.params, call, 0, adversary.path, arguments, *outer, &lets, nullptr,
                     adversary.solverText))
    return false;
  adversary.solverReport = body.report;
  unsigned errors = engine.errorCount();
  std::vector<Stmt> stmts;
  auto read = [&] {
    for (int pass = 0; pass < 16; ++pass) {
      body.again = false;
      body.variables.clear();
      stmts = lets;
      Env inner;
      inner.scope = std::make_shared<Scope>(outer);
      inner.body = &body;
      inner.mode = adversary.mode;
      statementChecker.checkStatements(decl.body, inner, stmts);
      if (!body.again)
        break;
    }
  };
  read();
  if (engine.errorCount() != errors)
    return false;
  bool asks = false;
  visitExprs(stmts, [&](const Expr &expr) { asks |= expr.kind == Expr::Kind::Hit; });
  const syntax::Stmt *last = decl.body.empty() ? nullptr : &decl.body.back();
  if (stops && !asks && last && last->kind == syntax::Stmt::Kind::Return) {
    if (last->value->kind == Kind::Name)
      body.iterate = last->value->text;
    read();
    if (!body.stopsIterate) {
      findings
          .report(diag::Code::UntilWithoutEffect, call.span,
                  "the solver `" + name + "` cannot stop at the condition after `until`")
          .label("has nowhere to stop")
          .found("no question for the condition, and no `repeat` that changes what it returns")
          .expected("a solver that asks for the condition, or whose steps can end early")
          .help("use a solver that repeats steps, or leave `until` out")
          .note(decl.name.span, "declared here");
      return false;
    }
  }
  if (stmts.empty() || stmts.back().kind != Stmt::Kind::Return) {
    // What it returns has an error, which another use of this text has had too.
    if (!decl.body.empty() && decl.body.back().kind == syntax::Stmt::Kind::Return)
      return false;
    findings
        .report(diag::Code::MissingReturn, decl.span,
                "the solver `" + name + "` does not return a point")
        .label("here")
        .expected("`return …` as its last statement")
        .help("return the point that it found");
    return false;
  }
  if (body.returned.shape != sheet.experiment->data.image || !body.returned.isTensor()) {
    findings
        .report(diag::Code::ShapeMismatch, stmts.back().span,
                "the solver `" + name + "` does not return a point")
        .label(body.returned.str())
        .found(body.returned.str())
        .expected(shapeText(sheet.experiment->data.image))
        .help("return a point of the set");
    return false;
  }
  adversary.solver = std::move(stmts);
  return true;
}

} // namespace advx::sema
