//===- Combinations.cpp - Restarts, and choices between adversaries --------===//

#include "compiler/sema/adversaries/Combinations.h"

#include <algorithm>

namespace advx::sema {

Stmt Combinations::statement(Stmt::Kind kind, const Local *local, ExprPtr value, Span span) {
  Stmt result;
  result.kind = kind;
  result.local = local;
  result.value = std::move(value);
  result.span = span;
  return result;
}

/// J or the condition after `until`, at a point.
ExprPtr Combinations::asked(Expr::Kind kind, ExprPtr point, Span span) {
  auto result = std::make_shared<Expr>();
  result->kind = kind;
  result->type.kind = Type::Kind::Tensor;
  result->type.element = kind == Expr::Kind::Hit ? Type::Element::Bool : Type::Element::Real;
  result->type.perExample = true;
  result->args = {std::move(point)};
  result->span = span;
  return result;
}

void Combinations::restart(Adversary &adversary, int64_t count, const syntax::Name &index,
                           const Block *measure) {
  const Span span = index.span;
  Type scalar;
  scalar.kind = Type::Kind::Tensor;
  scalar.perExample = true;
  Type truth = scalar, whole;
  truth.element = Type::Element::Bool;
  whole.element = Type::Element::Int;
  const Type image = sheet.experiment->x->type;
  const Local *best = sheet.local("best", image, span), *point = sheet.local("point", image, span);
  const Local *score = sheet.local("score", scalar, span),
              *value = sheet.local("value", scalar, span);
  const Local *met = sheet.local("met", truth, span), *meets = sheet.local("meets", truth, span);
  auto ref = [&](const Local *local) { return build.localRef(local, span); };
  auto both = [&](Op op, ExprPtr a, ExprPtr b) {
    return build.elementwise(op, {std::move(a), std::move(b)}, span);
  };

  Stmt loop = statement(Stmt::Kind::Repeat, sheet.local(index.text, whole, span),
                        build.number(Rational(count), span, Type::Element::Int), span);
  Stmt solve = statement(Stmt::Kind::Solve, point, nullptr, span);
  solve.body = std::move(adversary.solver);
  loop.body.push_back(std::move(solve));
  if (measure) {
    loop.body.push_back(statement(Stmt::Kind::Let, adversary.variable, ref(point), span));
    loop.body.insert(loop.body.end(), measure->stmts.begin(), measure->stmts.end());
  }
  loop.body.push_back(
      statement(Stmt::Kind::Let, value,
                measure ? measure->value : asked(Expr::Kind::Objective, ref(point), span), span));
  ExprPtr larger = build.comparison(Predicate::Greater, ref(value), ref(score), span);
  ExprPtr first = build.comparison(Predicate::Equal, build.localRef(loop.local, span),
                                   build.number(Rational(0), span, Type::Element::Int), span);
  if (adversary.until) {
    loop.body.push_back(
        statement(Stmt::Kind::Let, meets, asked(Expr::Kind::Hit, ref(point), span), span));
    larger = both(Op::LogicalAnd, build.elementwise(Op::LogicalNot, {ref(met)}, span),
                  both(Op::LogicalOr, ref(meets), larger));
  }
  Stmt take = statement(Stmt::Kind::If, nullptr, both(Op::LogicalOr, first, larger), span);
  take.body.push_back(statement(Stmt::Kind::Assign, best, ref(point), span));
  take.body.push_back(statement(Stmt::Kind::Assign, score, ref(value), span));
  if (adversary.until)
    take.body.push_back(statement(Stmt::Kind::Assign, met, ref(meets), span));
  loop.body.push_back(std::move(take));

  adversary.solver.clear();
  adversary.solver.push_back(statement(Stmt::Kind::Var, best, ref(sheet.experiment->x), span));
  adversary.solver.push_back(
      statement(Stmt::Kind::Var, score, build.number(Rational(0), span), span));
  if (adversary.until)
    adversary.solver.push_back(statement(Stmt::Kind::Var, met, build.boolean(false, span), span));
  adversary.solver.push_back(std::move(loop));
  adversary.solver.push_back(statement(Stmt::Kind::Return, nullptr, ref(best), span));
}

void Combinations::runOnlyIf(Adversary &adversary, ExprPtr condition) {
  const Span span = adversary.span;
  const Type image = sheet.experiment->x->type;
  const Local *found = sheet.local("found", image, span),
              *point = sheet.local("point", image, span);
  // A loop of one turn or none, whose count the step is told.
  ExprPtr turns =
      build.select(std::move(condition), build.number(Rational(1), span, Type::Element::Int),
                   build.number(Rational(0), span, Type::Element::Int), span);
  Stmt loop = statement(Stmt::Kind::Repeat, nullptr, turns, span);
  Stmt solve = statement(Stmt::Kind::Solve, point, nullptr, span);
  solve.body = std::move(adversary.solver);
  loop.body.push_back(std::move(solve));
  loop.body.push_back(statement(Stmt::Kind::Assign, found, build.localRef(point, span), span));
  adversary.solver.clear();
  adversary.solver.push_back(
      statement(Stmt::Kind::Var, found, build.localRef(sheet.experiment->x, span), span));
  adversary.solver.push_back(std::move(loop));
  adversary.solver.push_back(
      statement(Stmt::Kind::Return, nullptr, build.localRef(found, span), span));
}

Adversary *Combinations::follow(const Adversary &other, const std::string &path,
                                const syntax::Name &variable, Span span) {
  Adversary *result = sheet.make<Adversary>();
  // Its solver asks no objective; it has that of the other one, at its own point.
  *result = other;
  result->path = path;
  result->until.reset();
  result->variable = sheet.local(variable.text, sheet.experiment->x->type, variable.span);
  result->objective.stmts.insert(
      result->objective.stmts.begin(),
      statement(Stmt::Kind::Let, other.variable, build.localRef(result->variable, span), span));
  return result;
}

Adversary *Combinations::best(const std::vector<Candidate> &candidates, const std::string &path,
                              const syntax::Name &variable, Span span) {
  Adversary *result = follow(*candidates.front().adversary, path, variable, span);
  std::vector<Stmt> &solver = result->solver;
  solver.clear();
  auto let = [&](const char *name, ExprPtr value) {
    const Local *local = sheet.local(name, value->type, span);
    solver.push_back(statement(Stmt::Kind::Let, local, std::move(value), span));
    return build.localRef(local, span);
  };
  auto isNot = [&](const ExprPtr &condition) {
    return build.elementwise(Op::LogicalNot, {condition}, span);
  };
  const bool hasUntil = std::any_of(candidates.begin(), candidates.end(), [](const Candidate &one) {
    return one.adversary->until.has_value();
  });
  ExprPtr chosen, largest, met;
  for (const Candidate &one : candidates) {
    ExprPtr point = build.localRef(one.adversary->variable, span);
    solver.insert(solver.end(), one.measure.stmts.begin(), one.measure.stmts.end());
    ExprPtr value = let("measure", one.measure.value);
    ExprPtr meets = build.boolean(false, span);
    if (one.adversary->until) {
      const Block &until = *one.adversary->until;
      solver.insert(solver.end(), until.stmts.begin(), until.stmts.end());
      meets = let("meets", until.value);
    }
    if (!chosen) {
      chosen = point;
      largest = value;
      met = meets;
      continue;
    }
    ExprPtr better = build.comparison(Predicate::Greater, value, largest, span);
    if (hasUntil)
      better = build.elementwise(
          Op::LogicalAnd, {isNot(met), build.elementwise(Op::LogicalOr, {meets, better}, span)},
          span);
    better = let("better", better);
    chosen = let("best", build.select(better, point, chosen, span));
    largest = let("largest", build.select(better, value, largest, span));
    if (hasUntil)
      met = let("met", build.elementwise(Op::LogicalOr, {met, meets}, span));
  }
  solver.push_back(statement(Stmt::Kind::Return, nullptr, chosen, span));
  return result;
}

Adversary *Combinations::choose(ExprPtr condition, const PageEnv &env, const Adversary &a,
                                const Adversary &b, const std::string &path,
                                const syntax::Name &variable) {
  const Span span = condition->span;
  ExprPtr point = build.select(condition, build.localRef(a.variable, span),
                               build.localRef(b.variable, span), span);
  if (!point)
    return nullptr;
  Adversary *result = follow(a, path, variable, span);
  Block chosen;
  finishBlock(chosen, env, point);
  result->solver = std::move(chosen.stmts);
  result->solver.push_back(statement(Stmt::Kind::Return, nullptr, chosen.value, span));
  return result;
}

} // namespace advx::sema
