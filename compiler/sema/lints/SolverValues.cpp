//===- SolverValues.cpp - What a solver's names are before it runs -------------===//

#include "compiler/sema/lints/SolverValues.h"
#include "compiler/sema/types/Expressions.h"

namespace advx::sema {

Bindings *SolverValues::bindingsOf(const std::vector<Stmt> &stmts) {
  Bindings *bindings = &allBindings.emplace_back();
  for (const Stmt &stmt : stmts)
    if (stmt.kind == Stmt::Kind::Let || stmt.kind == Stmt::Kind::Var)
      bindings->values[stmt.local] = {stmt.value, bindings};
  return bindings;
}

Bindings *SolverValues::enter(const Expr &call, Bindings *outside) {
  Bindings *&inside = entered[{&call, outside}];
  if (inside)
    return inside;
  inside = bindingsOf(call.function->body.stmts);
  for (size_t i = 0; i < call.args.size() && i < call.function->params.size(); ++i)
    inside->values[call.function->params[i]] = {call.args[i], outside};
  return inside;
}

std::optional<double> SolverValues::number(const ExprPtr &expr, Bindings *bindings) {
  auto [known, isNew] = numbers.try_emplace({expr.get(), bindings});
  if (isNew) {
    std::optional<double> value = computeNumber(expr, bindings);
    numbers[{expr.get(), bindings}] = value;
    return value;
  }
  return known->second;
}

std::optional<double> SolverValues::computeNumber(const ExprPtr &expr, Bindings *bindings) {
  if (expr->kind == Expr::Kind::Local) {
    auto it = bindings->values.find(expr->local);
    return it == bindings->values.end() ? std::nullopt
                                        : number(it->second.first, it->second.second);
  }
  if (expr->kind == Expr::Kind::Op && expr->type.isNumber() && !expr->args.empty()) {
    auto copy = std::make_shared<Expr>(*expr);
    for (ExprPtr &arg : copy->args)
      if (arg->kind == Expr::Kind::Local && number(arg, bindings))
        arg = exact(arg, bindings);
    for (const ExprPtr &arg : copy->args)
      if (!arg)
        return std::nullopt;
    return build.evaluateReal(copy);
  }
  return build.evaluateReal(expr);
}

ExprPtr SolverValues::exact(const ExprPtr &expr, Bindings *bindings) {
  auto it = bindings->values.find(expr->local);
  return it == bindings->values.end()                  ? nullptr
         : it->second.first->kind == Expr::Kind::Local ? exact(it->second.first, it->second.second)
                                                       : it->second.first;
}

bool SolverValues::isClean(const ExprPtr &expr, Bindings *bindings) {
  auto [known, isNew] = clean.try_emplace({expr.get(), bindings}, false);
  if (!isNew)
    return known->second;
  return clean[{expr.get(), bindings}] = computeClean(expr, bindings);
}

bool SolverValues::computeClean(const ExprPtr &expr, Bindings *bindings) {
  if (expr->kind == Expr::Kind::Local) {
    if (expr->local == e.x)
      return true;
    auto it = bindings->values.find(expr->local);
    return it != bindings->values.end() && isClean(it->second.first, it->second.second);
  }
  if (expr->kind == Expr::Kind::Call)
    return isClean(expr->function->body.value, enter(*expr, bindings));
  if (expr->is(Op::Add))
    return (isClean(expr->args[0], bindings) && isZero(expr->args[1], bindings)) ||
           (isZero(expr->args[0], bindings) && isClean(expr->args[1], bindings));
  // The clean example lies in its set, so clipping to it changes nothing.
  return expr->is(Op::Clip) && isClean(expr->args[0], bindings);
}

bool SolverValues::isZero(const ExprPtr &expr, Bindings *bindings) {
  auto [known, isNew] = zero.try_emplace({expr.get(), bindings}, false);
  if (!isNew)
    return known->second;
  return zero[{expr.get(), bindings}] = computeZero(expr, bindings);
}

bool SolverValues::computeZero(const ExprPtr &expr, Bindings *bindings) {
  if (expr->type.isNumber()) {
    std::optional<double> value = number(expr, bindings);
    return value && *value == 0;
  }
  if (expr->kind == Expr::Kind::Local) {
    auto it = bindings->values.find(expr->local);
    return it != bindings->values.end() && isZero(it->second.first, it->second.second);
  }
  if (expr->is(Op::Mul))
    return isZero(expr->args[0], bindings) || isZero(expr->args[1], bindings);
  return expr->is(Op::Sub) && isClean(expr->args[0], bindings) && isClean(expr->args[1], bindings);
}

} // namespace advx::sema
