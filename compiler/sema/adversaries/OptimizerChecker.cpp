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
  Type type;
  type.kind = Type::Kind::Tensor;
  type.anyShape = true;
  Local *weight = sheet.local(decl.point.text, type, decl.point.span);
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
  auto scope = std::make_shared<Scope>(outer);
  body.variables[weight] = nullptr;
  Env inner;
  inner.scope = scope;
  inner.body = &body;
  inner.mode = Mode::Train;
  result.body = lets;
  std::vector<syntax::Stmt> rest;
  for (const syntax::Stmt &stmt : decl.body) {
    if (stmt.kind != syntax::Stmt::Kind::State) {
      statementChecker.checkStatement(stmt, inner, result.body);
      continue;
    }
    const syntax::Name &state = stmt.pattern[0];
    bool shaped = stmt.type.name.text == "like" && stmt.per.text == "weight";
    Value init = exprChecker.check(*stmt.value, inner);
    std::optional<Rational> exact = init.isNumber() ? build.evaluate(init.expr) : std::nullopt;
    if (!shaped || !exact) {
      if (!init.isError())
        findings.unsupported(stmt.span, shaped ? "a state that does not begin as a constant"
                                               : "a state other than `like(w) per weight`");
      continue;
    }
    Optimizer::State kept;
    kept.name = state.text;
    settingTable.fix(init.expr);
    kept.init = *exact;
    kept.local = sheet.local(state.text, type, state.span);
    body.variables[kept.local] = nullptr;
    binder.declareName(*scope, state, Value::of(build.localRef(kept.local, state.span)));
    result.states.push_back(kept);
  }
  if (engine.errorCount() != errors)
    return std::nullopt;
  return result;
}

} // namespace advx::sema
