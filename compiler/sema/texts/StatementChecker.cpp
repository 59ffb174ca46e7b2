//===- StatementChecker.cpp - The programs of solvers, optimisers, sets ---------===//
//
// A variable may begin as a number and come to depend on the example: under an
// `if` on one, or after a `stop when` that freezes one. Its type grows then, and
// the text is read again until no type grows any more.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/texts/StatementChecker.h"
#include "compiler/sema/adversaries/SolverChecker.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/DrawChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/IndexRanges.h"

namespace advx::sema {

using Kind = syntax::Stmt::Kind;

namespace {

/// The smallest type that holds both.
Type joinTypes(const Type &a, const Type &b) {
  Type type = a;
  if (b.isTensor())
    type.kind = Type::Kind::Tensor;
  type.perExample |= b.perExample;
  type.anyShape |= b.anyShape;
  if (type.shape.empty())
    type.shape = b.shape;
  if (a.element != b.element && a.element != Type::Element::Bool &&
      b.element != Type::Element::Bool)
    type.element = Type::Element::Real;
  return type;
}

bool same(const Type &a, const Type &b) {
  return a.kind == b.kind && a.perExample == b.perExample && a.shape == b.shape &&
         a.anyShape == b.anyShape && a.element == b.element;
}

} // namespace

void StatementChecker::settle(BodyState &body, const std::function<void()> &read) {
  // A type only ever grows, and has few to grow to, so this ends.
  do {
    body.again = false;
    body.stopped = false;
    body.variables.clear();
    read();
  } while (body.again);
}

void StatementChecker::checkStatements(const std::vector<syntax::Stmt> &body, Env &env,
                                       std::vector<Stmt> &out) {
  for (const syntax::Stmt &stmt : body)
    checkStatement(stmt, env, out);
}

void StatementChecker::checkProgram(const std::vector<syntax::Stmt> &text, const Env &env,
                                    std::vector<Stmt> &out) {
  const std::vector<Stmt> before = std::move(out);
  settle(*env.body, [&] {
    out = before;
    Env inner = env.with(std::make_shared<Scope>(env.scope));
    checkStatements(text, inner, out);
  });
}

void StatementChecker::checkDraw(const syntax::Stmt &stmt, Env &env, std::vector<Stmt> &out) {
  const syntax::Name &name = stmt.pattern[0];
  const DrawChecker::Line line{name, *stmt.value, stmt.like.get(), stmt.per, stmt.span};
  binder.declareName(*env.scope, name, Value::of(drawChecker.check(line, env, out)));
}

void StatementChecker::assign(const syntax::Stmt &stmt, Env &env, std::vector<Stmt> &out) {
  BodyState &body = *env.body;
  const syntax::Expr &target = *stmt.target;
  Value value = valueOf(*stmt.value, env, out);
  if (target.kind != syntax::Expr::Kind::Name) {
    findings.unsupported(target.span, "an assignment to one entry of a vector");
    return;
  }
  const Value *found = uses.find(*env.scope, target);
  const Local *variable = found && found->isExpr() && found->expr->kind == Expr::Kind::Local
                              ? found->expr->local
                              : nullptr;
  if (!variable && found && found->isWeights() && found->expr)
    variable = found->expr->local;
  auto declared = variable ? body.variables.find(variable) : body.variables.end();
  if (!variable || declared == body.variables.end()) {
    if (found && found->isError())
      return;
    findings
        .report(found ? diag::Code::NotAVariable : diag::Code::UnknownName, target.span,
                found ? "`" + target.text + "` cannot be assigned"
                      : "unknown name `" + target.text + "`")
        .label(found ? "not a variable" : "nothing declares this")
        .found("`" + target.text + "`")
        .expected(body.weight ? "the weight or a `state`" : "a name declared with `var`")
        .help(found ? "declare it with `var`"
                    : suggestions.suggest(target.text, suggestions.namesIn(*env.scope)))
        .note(found ? found->span : Span(), "declared here");
    return;
  }
  if (variable->type.isWeights())
    return assignWeights(stmt, *variable, value, env, out);
  ExprPtr expr = exprChecker.expectExpr(value, stmt.value->span);
  if (!expr)
    return;
  const Type &old = variable->type;
  bool shapes = old.shape == expr->type.shape || (old.shape.empty() && body.variables[variable]) ||
                expr->type.isScalar();
  bool kinds =
      (old.element == Type::Element::Bool) == (expr->type.element == Type::Element::Bool) &&
      old.isLabel() == expr->type.isLabel();
  if (!kinds || (!shapes && !old.anyShape) ||
      (old.shape.empty() && !old.anyShape && !expr->type.shape.empty())) {
    findings
        .report(diag::Code::WrongType, stmt.value->span,
                "the value does not fit the variable `" + target.text + "`")
        .label(expr->type.str())
        .found(expr->type.str())
        .expected(old.str())
        .help("a variable keeps its shape")
        .note(variable->span, "declared here as " + old.str());
    return;
  }
  Type grown = joinTypes(old, expr->type);
  for (const Type &condition : body.conditions)
    grown = joinTypes(grown, [&] {
      Type type = grown;
      type.kind = Type::Kind::Tensor;
      type.perExample |= condition.perExample;
      return type;
    }());
  if (body.stopsExamples && (body.loops || body.stopped)) {
    grown.kind = Type::Kind::Tensor;
    grown.perExample = true;
  }
  if (!same(grown, old) && body.variables[variable]) {
    body.grown[body.variables[variable]] = grown;
    body.again = true;
  }
  Stmt result;
  result.kind = Stmt::Kind::Assign;
  result.span = stmt.span;
  result.local = variable;
  result.value = expr;
  out.push_back(std::move(result));
}

void StatementChecker::assignWeights(const syntax::Stmt &stmt, const Local &variable,
                                     const Value &value, const Env &env, std::vector<Stmt> &out) {
  if (value.isError())
    return;
  const BodyState &body = *env.body;
  const std::string &name = stmt.target->text;
  if (!value.isWeights() || value.group != variable.type.group) {
    findings
        .report(diag::Code::WrongType, stmt.value->span,
                "the value does not fit the variable `" + name + "`")
        .label(value.str())
        .found(value.str())
        .expected(variable.type.str())
        .help("a variable keeps its tensors")
        .note(variable.span, "declared here as " + variable.type.str());
    return;
  }
  bool ofExample = body.stopsExamples && (body.loops || body.stopped);
  for (const Type &condition : body.conditions)
    ofExample |= condition.perExample;
  if (ofExample) {
    findings.report(diag::Code::WrongType, stmt.span, "weights are the same for all examples")
        .label("changed for some examples only")
        .found("a condition on the example")
        .expected("a condition that all examples share")
        .help("ask for the batch, as in `batch_mean(…) > 0`")
        .note(variable.span, "declared here");
    return;
  }
  Stmt result;
  result.kind = Stmt::Kind::Assign;
  result.span = stmt.span;
  result.local = &variable;
  result.value = weightRules.whole(value, stmt.value->span);
  if (result.value)
    out.push_back(std::move(result));
}

/// A `let` or `var` of weights, or a `let` of one number for each tensor.
Value StatementChecker::declareWeights(const syntax::Stmt &stmt, const Value &value, Env &env,
                                       std::vector<Stmt> &out) {
  const syntax::Name &name = stmt.pattern[0];
  const bool isVar = stmt.kind == Kind::Var;
  auto let = [&](ExprPtr of) {
    Stmt result;
    result.kind = isVar ? Stmt::Kind::Var : Stmt::Kind::Let;
    result.span = stmt.span;
    result.local = sheet.local(name.text, of->type, name.span);
    result.value = std::move(of);
    ExprPtr read = build.localRef(result.local, name.span);
    out.push_back(std::move(result));
    return read;
  };
  if (!isVar && WeightRules::isNumbers(value))
    return weightRules.each({value}, name.span,
                            [&](std::vector<Value> at) { return Value::of(let(at[0].expr)); });
  ExprPtr whole = weightRules.whole(value, stmt.value->span);
  if (!whole)
    return Value::error();
  ExprPtr read = let(whole);
  if (isVar)
    env.body->variables[read->local] = &stmt;
  return weightRules.ofWhole(read);
}

/// `let (a, b) = e`: a statement for each name.
void StatementChecker::checkSeveral(const syntax::Stmt &stmt, Env &env, std::vector<Stmt> &out) {
  std::vector<Value> parts = exprChecker.checkParts(*stmt.value, stmt.pattern.size(), env);
  for (size_t i = 0; i < stmt.pattern.size(); ++i) {
    const syntax::Name &name = stmt.pattern[i];
    ExprPtr expr = i < parts.size() ? exprChecker.expectExpr(parts[i], stmt.value->span) : nullptr;
    if (!expr) {
      binder.declareName(*env.scope, name, Value());
      continue;
    }
    Stmt result;
    result.kind = Stmt::Kind::Let;
    result.span = stmt.span;
    result.local = sheet.local(name.text, expr->type, name.span);
    result.value = expr;
    binder.declareName(*env.scope, name, Value::of(build.localRef(result.local, name.span)));
    out.push_back(std::move(result));
  }
}

void StatementChecker::checkStatement(const syntax::Stmt &stmt, Env &env, std::vector<Stmt> &out) {
  BodyState &body = *env.body;
  Value bad;
  switch (stmt.kind) {
  case Kind::Let:
  case Kind::Var: {
    if (stmt.pattern.size() != 1) {
      checkSeveral(stmt, env, out);
      return;
    }
    const syntax::Name &name = stmt.pattern[0];
    Value value = valueOf(*stmt.value, env, out);
    if (value.isWeights()) {
      binder.declareName(*env.scope, name, declareWeights(stmt, value, env, out));
      return;
    }
    ExprPtr expr = value.isError() ? nullptr : exprChecker.expectExpr(value, stmt.value->span);
    if (!expr) {
      binder.declareName(*env.scope, name, bad);
      return;
    }
    Type type = expr->type;
    if (stmt.kind == Kind::Var) {
      auto it = body.grown.find(&stmt);
      if (it != body.grown.end())
        type = joinTypes(type, it->second);
      // A number of each example is none that counts; that of all is, as long as it stays whole.
      if (type.element == Type::Element::Int && type.isTensor() && expr->type.isNumber())
        type.element = Type::Element::Real;
    }
    Stmt result;
    result.kind = stmt.kind == Kind::Let ? Stmt::Kind::Let : Stmt::Kind::Var;
    result.span = stmt.span;
    result.local = sheet.local(name.text, type, name.span);
    result.value = expr;
    if (stmt.kind == Kind::Var)
      body.variables[result.local] = &stmt;
    binder.declareName(*env.scope, name, Value::of(build.localRef(result.local, name.span)));
    out.push_back(std::move(result));
    return;
  }
  case Kind::Assign:
    assign(stmt, env, out);
    return;
  case Kind::If: {
    ExprPtr condition = exprChecker.checkExpr(*stmt.value, env);
    if (condition &&
        (condition->type.element != Type::Element::Bool || !condition->type.isScalar())) {
      findings.notACondition(stmt.value->span, condition->type.str());
      condition = nullptr;
    }
    Stmt result;
    result.kind = Stmt::Kind::If;
    result.span = stmt.span;
    result.value = condition;
    bool tensor = condition && condition->type.isTensor();
    if (tensor)
      body.conditions.push_back(condition->type);
    Env inner = env.with(std::make_shared<Scope>(env.scope));
    checkStatements(stmt.body, inner, result.body);
    Env other = env.with(std::make_shared<Scope>(env.scope));
    checkStatements(stmt.orElse, other, result.orElse);
    if (tensor)
      body.conditions.pop_back();
    if (condition)
      out.push_back(std::move(result));
    return;
  }
  case Kind::Repeat: {
    ExprPtr count = exprChecker.checkExpr(*stmt.value, env);
    if (count && (!count->type.isNumber() || count->type.element == Type::Element::Bool)) {
      findings
          .report(diag::Code::WrongType, stmt.value->span,
                  "`repeat` takes a number that all examples share")
          .label(count->type.str())
          .found(count->type.str())
          .expected("`int`")
          .help("use `stop when` to end one example earlier");
      count = nullptr;
    }
    if (count && count->kind == Expr::Kind::Number &&
        (!count->value.isInteger() || count->value < Rational(0))) {
      findings
          .report(diag::Code::NotAnInteger, stmt.value->span,
                  "`repeat` takes a whole number of times")
          .label("here")
          .found("`" + count->value.str() + "`")
          .expected("0, 1, 2, …")
          .help("round it with `floor` or `ceil`");
      count = nullptr;
    }
    if (count && !build.isWhole(count)) {
      findings
          .report(diag::Code::NotAnInteger, stmt.value->span,
                  "`repeat` takes a whole number of times")
          .label("need not be whole")
          .found(count->type.str())
          .expected("`int`, or a number under `floor` or `ceil`")
          .help("write `floor(" + findings.source(stmt.value->span) +
                ")`, or declare the parameter as `int`");
      count = nullptr;
    }
    Range times;
    times.minimum = 0;
    times.maximum = limits::count;
    if (count && count->kind != Expr::Kind::Op)
      count = settingTable.bounded(count, times, diag::Code::WrongArgument, "the count of `repeat`",
                                   "", stmt.value->span);
    Stmt result;
    result.kind = Stmt::Kind::Repeat;
    result.span = stmt.span;
    result.value = count;
    Env inner = env.with(std::make_shared<Scope>(env.scope));
    if (!stmt.pattern.empty()) {
      Type type;
      type.element = Type::Element::Int;
      result.local = sheet.local(stmt.pattern[0].text, type, stmt.pattern[0].span);
      binder.declareName(*inner.scope, stmt.pattern[0],
                         Value::of(build.localRef(result.local, stmt.pattern[0].span)));
    }
    ++body.loops;
    solverChecker.stopAtHit(stmt, inner, result.body);
    checkStatements(stmt.body, inner, result.body);
    --body.loops;
    if (count)
      out.push_back(std::move(result));
    return;
  }
  case Kind::StopWhen: {
    ExprPtr condition = exprChecker.checkExpr(*stmt.value, env);
    if (!condition)
      return;
    if (condition->type.element != Type::Element::Bool || !condition->type.isScalar()) {
      findings.notACondition(stmt.value->span, condition->type.str());
      return;
    }
    if (condition->type.isTensor() || !body.conditions.empty()) {
      body.again |= !body.stopsExamples;
      body.stopsExamples = body.stopped = true;
    }
    Stmt result;
    result.kind = Stmt::Kind::StopWhen;
    result.span = stmt.span;
    result.value = condition;
    out.push_back(std::move(result));
    return;
  }
  case Kind::Return: {
    Value returned = exprChecker.check(*stmt.value, env);
    ExprPtr value = returned.isWeights() ? weightRules.whole(returned, stmt.value->span)
                                         : exprChecker.expectExpr(returned, stmt.value->span);
    if (!value)
      return;
    body.returned = value->type;
    Stmt result;
    result.kind = Stmt::Kind::Return;
    result.span = stmt.span;
    result.value = value;
    out.push_back(std::move(result));
    return;
  }
  case Kind::Draw:
    checkDraw(stmt, env, out);
    return;
  default:
    findings.report(diag::Code::MisplacedStatement, stmt.span, "this statement cannot stand here")
        .label("here")
        .expected("`let`, `var`, `:=`, `if`, `repeat`, `stop when`, `draw` or `return`")
        .help("move it to where it belongs");
    return;
  }
}

} // namespace advx::sema
