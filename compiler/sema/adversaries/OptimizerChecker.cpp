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
  if (!shaped || !exact) {
    if (!init.isError())
      findings.unsupported(stmt.span, shaped ? "a state that does not begin as a constant"
                                             : "a state other than `like(w) per weight`");
    return;
  }
  settingTable.fix(init.expr);
  Optimizer::State state{name.text, sheet.local(name.text, likeWeight(), name.span), *exact};
  env.body->variables[state.local] = nullptr;
  binder.declareName(*env.scope, name, Value::of(build.localRef(state.local, name.span)));
  optimizer.states.push_back(std::move(state));
}

std::optional<Optimizer> OptimizerChecker::checkOptimizer(const syntax::Expr &call, Env &env) {
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
  bool groups = false;
  for (const syntax::Arg &arg : call.args)
    if (arg.name.text == "only") {
      findings.unsupported(arg.span, "numbers for groups of weights (`only`)");
      groups = true;
    }
  if (groups)
    return std::nullopt;
  Findings::Frame frame(findings, call.span, "in this use of `" + name + "`");
  Optimizer result;
  result.name = name;
  result.span = call.span;
  BodyState body;
  body.role = "outer";
  auto outer = std::make_shared<Scope>(sheet.rootScope, decl.span.file);
  Local *weight = sheet.local(decl.point.text, likeWeight(), decl.point.span);
  result.weight = weight;
  body.weight = weight;
  Value loss;
  loss.kind = Value::Kind::Loss;
  loss.span = decl.objective.span;
  outer->names[decl.objective.text] = loss;
  Value at = Value::of(build.localRef(weight, decl.point.span));
  outer->names[decl.point.text] = at;
  Env arguments = env;
  arguments.body = &body;
  std::vector<Stmt> lets;
  std::string text;
  if (!solverChecker.bindCall(decl, call, "outer", arguments, *outer, lets, text))
    return std::nullopt;
  unsigned errors = engine.errorCount();
  statementChecker.settle(body, [&] {
    body.variables[weight] = nullptr;
    Env inner;
    inner.scope = std::make_shared<Scope>(outer);
    inner.body = &body;
    inner.mode = Mode::Train;
    result.body = lets;
    result.states.clear();
    for (const syntax::Stmt &stmt : decl.body)
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
