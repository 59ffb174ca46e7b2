//===- BestOf.cpp - `best k in I of e by J` inside a text ------------------===//

#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/IndexRanges.h"
#include "compiler/sema/texts/StatementChecker.h"

namespace advx::sema {

Value StatementChecker::valueOf(const syntax::Expr &expr, Env &env, std::vector<Stmt> &out) {
  return expr.kind == syntax::Expr::Kind::Best ? bestOf(expr, env, out)
                                               : exprChecker.check(expr, env);
}

ExprPtr StatementChecker::measure(const syntax::Expr &best, const ExprPtr &candidate, Env &env) {
  const Span span = best.by ? best.by->span : best.span;
  const Value *named = best.by && best.by->kind == syntax::Expr::Kind::Name
                           ? uses.find(*env.scope, *best.by)
                           : nullptr;
  // The objective of the solver, unless another measure is named.
  for (const Scope *scope = env.scope.get(); scope && !best.by && !named;
       scope = scope->parent.get())
    for (const auto &[name, value] : scope->names)
      if (value.kind == Value::Kind::Objective)
        named = &value;
  Value value;
  if (named && named->kind == Value::Kind::Objective) {
    if (candidate->type.shape != sheet.experiment->data.image) {
      findings.report(diag::Code::ShapeMismatch, span, "the objective is asked at a point")
          .label(candidate->type.str())
          .found(candidate->type.str())
          .expected(shapeText(sheet.experiment->data.image))
          .help("let the candidates be points");
      return nullptr;
    }
    return build.askedAt(candidate, false, span);
  }
  if (best.by) {
    Value function = exprChecker.check(*best.by, env);
    if (function.isError())
      return nullptr;
    if (function.kind == Value::Kind::Function)
      value = callChecker.callFunctionValue(function, {Value::of(candidate)}, span, env);
    if (value.isTensor() && value.expr->type.isScalar() &&
        value.expr->type.element == Type::Element::Real)
      return value.expr;
    if (function.kind == Value::Kind::Function && value.isError())
      return nullptr;
  }
  findings.report(diag::Code::WrongType, span, "`best` compares its candidates by one number")
      .label(best.by ? "no measure" : "by what?")
      .found(best.by ? "`" + findings.source(span) + "`" : "no `by` and no objective")
      .expected("the objective of a solver, or a function of a candidate")
      .help("as in `by J`");
  return nullptr;
}

Value StatementChecker::bestOf(const syntax::Expr &best, Env &env, std::vector<Stmt> &out) {
  if (best.pattern.size() != 1) {
    findings.unsupported(best.span, "`best` over several indices", "count them with one");
    return Value::error();
  }
  std::optional<IndexRanges::Range> range = indexRanges.read(*best.children[0], env);
  if (!range)
    return Value::error();
  if (range->except) {
    findings.unsupported(best.children[0]->span, "`except` a label in a text",
                         "leave a constant class out");
    return Value::error();
  }
  auto name = [&](const char *what, ExprPtr value) {
    Stmt let;
    let.kind = Stmt::Kind::Let;
    let.span = best.span;
    let.local = sheet.local(what, value->type, best.span);
    let.value = std::move(value);
    ExprPtr result = build.localRef(let.local, best.span);
    out.push_back(std::move(let));
    return result;
  };
  ExprPtr chosen, largest;
  for (const Value &index : range->values) {
    Env inner = env.with(std::make_shared<Scope>(env.scope));
    Value bound = index;
    bound.span = best.pattern[0].span;
    inner.scope->names[best.pattern[0].text] = bound;
    ExprPtr candidate = exprChecker.checkExpr(*best.children[1], inner);
    if (!candidate)
      return Value::error();
    candidate = name("candidate", candidate);
    ExprPtr value = measure(best, candidate, inner);
    if (!value)
      return Value::error();
    value = name("measure", value);
    if (!chosen) {
      chosen = candidate;
      largest = value;
      continue;
    }
    ExprPtr larger =
        name("larger", build.comparison(Predicate::Greater, value, largest, best.span));
    chosen = build.select(larger, candidate, chosen, best.span);
    if (!chosen)
      return Value::error();
    chosen = name("best", chosen);
    largest = name("largest", build.select(larger, value, largest, best.span));
  }
  return Value::of(chosen);
}

} // namespace advx::sema
