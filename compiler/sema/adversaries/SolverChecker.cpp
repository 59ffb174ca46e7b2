//===- SolverChecker.cpp - Solvers at the numbers of a page --------------===//

#include "compiler/sema/adversaries/SolverChecker.h"
#include "compiler/sema/Visit.h"
#include "compiler/sema/adversaries/StartChecker.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/CallBinder.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/StatementChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

bool SolverChecker::bindCall(const Decl &decl, const syntax::Expr &call, const std::string &role,
                             Env &env, Scope &scope, std::vector<Stmt> &lets, std::string &text,
                             const std::string &except) {
  BodyState &body = *env.body;
  // Defaults may read the set and the parameters before them, as settings.
  auto known = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  known->names = scope.names;
  bool ok =
      callBinder.bind({decl, call, env, role, 0, known, except}, [&](BoundArgument &argument) {
        const syntax::Param &param = argument.param;
        const std::string &name = param.name.text;
        const bool isStart = argument.value.kind == Value::Kind::Start;
        if (!typeRules.isKnownType(param.type))
          return false;
        if (argument.given && !body.isSolver &&
            !typeRules.isOfPage(argument.value, *argument.expr, param, decl.name.text))
          return false;
        std::string expected;
        // A step for each tensor, as `radius(V)` of a set of weights is.
        const bool isOfEach = body.isSolver && argument.value.isWeights() &&
                              param.type.name.text == "real" &&
                              WeightRules::isNumbers(argument.value);
        if (!isStart && !isOfEach && !typeRules.fits(param.type, argument.value, scope, expected)) {
          wrongType(argument, decl, expected);
          return false;
        }
        std::string shown =
            isStart ? argument.value.start->text : findings.source(argument.expr->span);
        const syntax::Expr *usual = param.defaultValue.get();
        const bool isOff = argument.value.isExpr() &&
                           argument.value.expr->kind == Expr::Kind::Infinity && usual &&
                           usual->kind == Kind::Name && usual->text == "infinity";
        if (argument.value.isNumber() && !isOff)
          shown = settingTable.adopt(argument, settingTable.freePath(role, decl.name.text, name),
                                     elementOf(param), call);
        else if (!argument.given && !isOfEach)
          settingTable.insertArgument(call, name, shown);
        if (argument.value.isError())
          return false;
        if (elementOf(param) == Type::Element::Int && body.isSolver && !isCount(argument))
          return false;
        append(body.report,
               {{(text.empty() ? decl.name.text + "(" : ", ") + name + " = ", std::nullopt}});
        append(body.report,
               isStart ? argument.value.start->report
                       : reports.reportValue(argument.value,
                                             argument.given ? argument.expr->span : Span()));
        text += (text.empty() ? "" : ", ") + name + " = " + shown;
        Value value = argument.value;
        if (value.isExpr() && !isOff) {
          Stmt let;
          let.kind = Stmt::Kind::Let;
          let.span = argument.place;
          Local *local = sheet.local(name, value.expr->type, param.name.span);
          local->isSetting = value.expr->kind == Expr::Kind::Setting;
          let.local = local;
          let.value = value.expr;
          value = Value::of(build.localRef(let.local, param.name.span));
          lets.push_back(std::move(let));
        }
        return binder.declareName(scope, param.name, value);
      });
  append(body.report, {{text.empty() ? decl.name.text + "()" : ")", std::nullopt}});
  text = decl.name.text + "(" + text + ")";
  return ok;
}

void SolverChecker::wrongType(const BoundArgument &argument, const Decl &decl,
                              const std::string &expected) {
  const Value &value = argument.value;
  std::optional<Rational> exact = value.isNumber() ? build.evaluate(value.expr) : std::nullopt;
  bool integer = argument.param.type.name.text == "int" && value.isNumber();
  findings
      .report(integer ? diag::Code::NotAnInteger : diag::Code::WrongType, argument.expr->span,
              "wrong type for `" + argument.param.name.text + "` of `" + decl.name.text + "`")
      .label(value.str())
      .found(exact ? "`" + exact->str() + "`" : value.str())
      .expected(expected)
      .help("pass a value of that type")
      .note(argument.param.span, "declared here");
}

/// Whether an `int` of a solver, a setting by now, counts something.
bool SolverChecker::isCount(const BoundArgument &argument) {
  const ExprPtr &number = argument.value.expr;
  if (!number || number->kind != Expr::Kind::Setting)
    return true;
  Range &range = sheet.experiment->settings[number->index].range;
  range.minimum = 0;
  range.maximum = limits::count;
  std::optional<Rational> exact = build.evaluate(number);
  return !exact || !exact->isInteger() ||
         sizes.checkRange(exact->numerator(), 0, limits::count, argument.expr->span,
                          "`" + argument.param.name.text + "`");
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
  body.stopsExamples = body.stopped = body.stopsIterate = true;
}

std::vector<const Decl *> SolverChecker::find(const syntax::Expr &call, const Scope &scope) {
  const syntax::Expr &callee = *calleeOf(call);
  std::vector<const Decl *> decls = program.find(Decl::Kind::Solver, callee.text, scope.file);
  if (!decls.empty() && call.kind == Kind::Call)
    return decls;
  if (decls.empty())
    suggestions.unknownSolver(callee, scope.file);
  else
    findings
        .report(diag::Code::MissingArgument, callee.span,
                "`" + callee.text + "` is a solver and needs its arguments")
        .label("not called")
        .found("`" + callee.text + "`")
        .expected("`" + callee.text + "(…)`")
        .help("write `" + callee.text + "()`");
  return {};
}

/// The name of the set that has the geometry: `linf` of `linf(…) & box(…)`; empty for others.
static std::string geometryOf(const SetForm &set) {
  if (set.set->group && !set.ofLeaves.empty())
    return geometryOf(*set.ofLeaves.front());
  return set.geometry ? set.geometry->decl->name.text : "";
}

const Decl *SolverChecker::solverFor(const std::vector<const Decl *> &decls, const SetForm &set,
                                     const syntax::Expr &call) {
  const std::string geometry = geometryOf(set);
  std::vector<std::string> known;
  for (const Decl *decl : decls) {
    if (decl->sets.empty())
      return decl;
    for (const syntax::Name &name : decl->sets) {
      if (name.text == geometry)
        return decl;
      known.push_back(name.text);
    }
  }
  const std::string &name = decls.front()->name.text;
  std::string list;
  for (const std::string &one : known)
    list += (list.empty() ? "`" : one == known.back() ? " or `" : ", `") + one + "`";
  findings.report(diag::Code::WrongArgument, call.span, "`" + name + "` is not for this set")
      .label("searches in it")
      .found("`" + set.text + "`")
      .expected("a set of " + list)
      .help("use a solver that is for every set, as `pgd`")
      .note(decls.front()->sets.front().span, "what it is for");
  return nullptr;
}

bool SolverChecker::checkSolver(const syntax::Expr &call, Adversary &adversary, Env &env,
                                const Value &set, bool stops) {
  const syntax::Expr &callee = *calleeOf(call);
  if (const Value *known = uses.find(*env.scope, callee);
      known && known->kind == Value::Kind::Candidate) {
    if (call.kind == Kind::Call) {
      findings
          .report(diag::Code::WrongArgument, call.span,
                  "`" + callee.text + "` stands for a solver with its arguments")
          .label("called once more")
          .found("`" + findings.source(call.span) + "`")
          .expected("`by " + callee.text + "`")
          .help("write the name alone, and the arguments in the list")
          .note(known->span, "the solver");
      return false;
    }
    Env there = env.with(known->scope);
    return checkSolver(*known->written, adversary, there, set, stops);
  }
  const std::string &name = callee.text;
  std::vector<const Decl *> decls = find(call, *env.scope);
  const Decl *chosen = decls.empty() ? nullptr : solverFor(decls, *set.set, call);
  if (!chosen)
    return false;
  const Decl &decl = *chosen;
  Findings::Frame frame(findings, call.span, "in this use of `" + name + "`");
  BodyState body;
  body.isSolver = true;
  body.role = adversary.path;
  body.set = set.set;
  body.setArgs = set.args;
  body.point = build.localRef(sheet.experiment->x, call.span);
  auto outer = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  outer->names[decl.set.text] = set;
  const WeightGroup *moved = set.set->set->group;
  Value value = Value::of(body.point);
  if (moved) {
    std::vector<Value> centres;
    for (const std::shared_ptr<SetForm> &leaf : set.set->ofLeaves)
      centres.push_back(Value::of(leaf->centre));
    value = weightRules.bundle(*moved, std::move(centres), call.span);
  }
  value.span = decl.point.span;
  outer->names[decl.point.text] = value;
  value = Value();
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
  if (!bindCall(decl, call, adversary.path, arguments, *outer, lets, adversary.solverText))
    return false;
  adversary.solverReport = body.report;
  unsigned errors = engine.errorCount();
  std::vector<Stmt> stmts;
  auto read = [&] {
    stmts = lets;
    Env inner;
    inner.scope = outer;
    inner.body = &body;
    inner.mode = adversary.mode;
    statementChecker.checkProgram(decl.body, inner, stmts);
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
  const bool isPoint =
      moved ? body.returned.group == moved
            : body.returned.shape == sheet.experiment->data.image && body.returned.isTensor();
  if (!isPoint) {
    findings
        .report(diag::Code::ShapeMismatch, stmts.back().span,
                "the solver `" + name + "` does not return a point")
        .label(body.returned.str())
        .found(body.returned.str())
        .expected(moved ? moved->name : shapeText(sheet.experiment->data.image))
        .help("return a point of the set");
    return false;
  }
  adversary.solver = std::move(stmts);
  return true;
}

} // namespace advx::sema
