//===- OptimizerChecker.cpp - Optimisers at the numbers of a page --------===//

#include "compiler/sema/adversaries/OptimizerChecker.h"
#include "compiler/sema/Visit.h"
#include "compiler/sema/adversaries/SolverChecker.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/StatementChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

static Type likeWeight() {
  Type type;
  type.kind = Type::Kind::Tensor;
  type.anyShape = true;
  return type;
}

void OptimizerChecker::declareState(const syntax::Stmt &stmt, Env &env, Optimizer &optimizer) {
  const syntax::Name &name = stmt.pattern[0];
  bool shaped = stmt.type.name.text == "like" && stmt.per.text == "weight";
  Value init = exprChecker.check(*stmt.value, env);
  std::optional<Rational> exact = init.isNumber() ? build.evaluate(init.expr) : std::nullopt;
  const bool isReal = init.isExpr() && init.expr->type.element == Type::Element::Real &&
                      (init.isNumber() || init.expr->type.anyShape || init.expr->type.isScalar());
  if (!shaped || !(exact || isReal)) {
    if (!init.isError() && !shaped)
      findings.unsupported(stmt.span, "a state other than `like(w) per weight`");
    else if (!init.isError())
      findings
          .report(diag::Code::WrongType, stmt.value->span, "a state begins as a tensor of reals")
          .label(init.str())
          .found(init.str())
          .expected("a number, or a tensor shaped like the weight")
          .help("as in `= 0` or `= " + env.body->weight->name + "`");
    return;
  }
  if (exact)
    settingTable.fix(init.expr);
  Optimizer::State state{name.text, sheet.local(name.text, likeWeight(), name.span),
                         exact.value_or(Rational(0))};
  if (!exact) {
    // What it begins as is known in the first step.
    const Value &iteration = sheet.rootScope->names.at("iteration");
    Stmt begin;
    begin.kind = Stmt::Kind::Assign;
    begin.span = stmt.span;
    begin.local = state.local;
    begin.value = build.select(build.comparison(Predicate::Equal, iteration.expr,
                                                build.number(Rational(0), stmt.span), stmt.span),
                               init.expr, build.localRef(state.local, stmt.span), stmt.span);
    optimizer.body.push_back(std::move(begin));
  }
  env.body->variables[state.local] = nullptr;
  binder.declareName(*env.scope, name, Value::of(build.localRef(state.local, name.span)));
  optimizer.states.push_back(std::move(state));
}

std::optional<Optimizer> OptimizerChecker::checkOptimizer(const syntax::Expr &call, Env &env,
                                                          std::vector<Optimizer> &groups) {
  const syntax::Expr *callee = call.kind == Kind::Call ? call.children[0].get() : &call;
  const std::string &name = callee->text;
  std::vector<const Decl *> decls = program.find(Decl::Kind::Optimizer, name, env.scope->file);
  if (decls.empty()) {
    findings.report(diag::Code::UnknownName, callee->span, "unknown optimizer `" + name + "`")
        .label("nothing declares this")
        .found("`" + name + "`")
        .expected("an optimizer")
        .help(suggestions.nameHelp({diag::NamePlace::Optimizer}, name,
                                   program.names(Decl::Kind::Optimizer, env.scope->file)));
    return std::nullopt;
  }
  const Decl &decl = *decls.front();
  const bool takesOnly =
      std::any_of(decl.params.begin(), decl.params.end(),
                  [](const syntax::Param &param) { return param.name.text == "only"; });
  const syntax::Arg *only = nullptr;
  for (const syntax::Arg &arg : call.args)
    if (arg.name.text == "only" && !takesOnly)
      only = &arg;
  Findings::Frame frame(findings, call.span, "in this use of `" + name + "`");
  Bound bound{decl, call,
              env,  std::make_shared<Scope>(sheet.rootScope, decl.span.file),
              {},   sheet.local(decl.point.text, likeWeight(), decl.point.span)};
  BodyState body;
  body.role = "outer";
  body.weight = bound.weight;
  Value loss;
  loss.kind = Value::Kind::Loss;
  loss.span = decl.objective.span;
  bound.scope->names[decl.objective.text] = loss;
  bound.scope->names[decl.point.text] = Value::of(build.localRef(bound.weight, decl.point.span));
  Env arguments = env;
  arguments.body = &body;
  std::string text;
  if (!solverChecker.bindCall(decl, call, "outer", arguments, *bound.scope, bound.lets, text,
                              only ? "only" : ""))
    return std::nullopt;
  std::optional<Optimizer> result = readText(bound);
  if (!result || (only && !readGroups(*only, bound, *result, groups)))
    return std::nullopt;
  return result;
}

std::optional<Optimizer> OptimizerChecker::readText(const Bound &bound) {
  Optimizer result;
  result.name = bound.decl.name.text;
  result.span = bound.call.span;
  result.weight = bound.weight;
  BodyState body;
  body.role = "outer";
  body.weight = bound.weight;
  unsigned errors = engine.errorCount();
  statementChecker.settle(body, [&] {
    body.variables[bound.weight] = nullptr;
    Env inner;
    inner.scope = std::make_shared<Scope>(bound.scope);
    inner.body = &body;
    inner.mode = Mode::Train;
    result.body = bound.lets;
    result.states.clear();
    for (const syntax::Stmt &stmt : bound.decl.body)
      if (stmt.kind == syntax::Stmt::Kind::State)
        declareState(stmt, inner, result);
      else
        statementChecker.checkStatement(stmt, inner, result.body);
  });
  if (engine.errorCount() != errors)
    return std::nullopt;
  return result;
}

} // namespace advx::sema
