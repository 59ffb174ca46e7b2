//===- TrainingChoices.cpp - Inner problems that try or choose among adversaries ---===//
//
// The step needs one point for each example. `best` keeps the one with the largest measure. Where
// no text reads its index, its candidates are runs of one solver in a loop; else each of them is an
// adversary of its own, written out.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/adversaries/AdversaryChecker.h"
#include "compiler/sema/adversaries/Candidates.h"
#include "compiler/sema/adversaries/Combinations.h"
#include "compiler/sema/experiment/ProblemChecker.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

/// Whether an adversary moves an image, which `construct` can combine; reports weights.
bool ProblemChecker::movesImage(const Adversary &adversary, const std::string &construct) {
  if (!adversary.variable->type.isWeights())
    return true;
  findings.unsupported(adversary.span, construct + " of searches among weights",
                       "write `argmax E over S by SOLVER` alone");
  return false;
}

/// Whether the candidates are runs of one solver: no text reads the index.
bool ProblemChecker::isRestart(const syntax::Expr &best, const syntax::Expr *by) {
  const syntax::Expr &inside = *best.children[1];
  return inside.kind == Kind::Argmax &&
         std::none_of(best.pattern.begin(), best.pattern.end(), [&](const syntax::Name &index) {
           return namesIt(inside, index.text) || (by && namesIt(*by, index.text));
         });
}

Adversary *ProblemChecker::checkBest(const syntax::Expr &best, const std::string &path,
                                     const syntax::Name &name, const ScopePtr &scope) {
  const syntax::Expr *measured = best.by ? &best : nullptr;
  for (const syntax::Expr *level = best.children[1].get(); level->kind == Kind::Best;
       level = level->children[1].get()) {
    if (measured && candidates.hasTwoMeasures(*measured, *level))
      return nullptr;
    if (level->by)
      measured = level;
  }
  const syntax::Expr *by = measured ? measured->by.get() : nullptr;
  if (isRestart(best, by))
    return checkRestarts(best, by, path, name, scope);
  std::vector<Combinations::Candidate> tried;
  CandidateEdits edits(sheet);
  if (!collect(best, by, path, name, scope, edits, tried))
    return nullptr;
  return combinations.best(tried, path, name, best.textSpan);
}

Adversary *ProblemChecker::checkRestarts(const syntax::Expr &best, const syntax::Expr *by,
                                         const std::string &path, const syntax::Name &name,
                                         const ScopePtr &scope) {
  Env env;
  env.scope = scope;
  std::optional<IndexRanges::Range> range = candidates.read(best, env, path);
  if (!range)
    return nullptr;
  Adversary *adversary =
      adversaryChecker.checkAdversary(*best.children[1], path, name, scope, true, nullptr);
  if (!adversary || !movesImage(*adversary, "`best`"))
    return nullptr;
  std::optional<Block> measure;
  if (by && !(measure = measureOf(by, *adversary, name, scope)))
    return nullptr;
  combinations.restart(*adversary, static_cast<int64_t>(candidates.count(*range)), best.pattern[0],
                       measure ? &*measure : nullptr);
  return adversary;
}

bool ProblemChecker::collect(const syntax::Expr &best, const syntax::Expr *by,
                             const std::string &path, const syntax::Name &name,
                             const ScopePtr &scope, CandidateEdits &edits,
                             std::vector<Combinations::Candidate> &tried) {
  const syntax::Expr &inside = *best.children[1];
  const bool isNest = inside.kind == Kind::Best && !isRestart(inside, by);
  const bool hasObjective = inside.kind == Kind::Argmax || inside.kind == Kind::Best;
  if (!by && !hasObjective) {
    findings
        .report(diag::Code::WrongArgument, inside.span,
                "`best` among adversaries needs a measure for all of them")
        .label("each has an objective of its own")
        .found("no `by`")
        .expected("one number that tells which point is best")
        .help("write `by E` behind, as in `by ce(f(" + name.text + "), y)`");
    return false;
  }
  Env env;
  env.scope = scope;
  std::optional<IndexRanges::Range> range = candidates.read(best, env, path);
  if (!range)
    return false;
  for (size_t i = 0; i < candidates.count(*range); ++i) {
    auto own = std::make_shared<Scope>(scope);
    const std::string place = path + "." + std::to_string(i + 1);
    if (!candidates.bind(best, *range, i, *own))
      return false;
    if (isNest) {
      if (!collect(inside, by, place, name, own, edits, tried))
        return false;
      continue;
    }
    const Adversary *adversary = inside.kind == Kind::Best
                                     ? checkRestarts(inside, by, place, name, own)
                                     : checkProblem(inside, place, name, own);
    if (!adversary || !movesImage(*adversary, "`best`"))
      return false;
    sheet.experiment->inner.push_back(adversary);
    std::optional<Block> measure = measureOf(by, *adversary, name, own);
    if (!measure)
      return false;
    tried.push_back({adversary, std::move(*measure)});
    edits.next();
  }
  return true;
}

std::optional<Block> ProblemChecker::measureOf(const syntax::Expr *by, const Adversary &adversary,
                                               const syntax::Name &name, const ScopePtr &scope) {
  if (!by)
    return adversary.objective;
  PageEnv measured(std::make_shared<Scope>(scope));
  measured.mode = adversary.mode;
  measured.scope->names[name.text] = Value::of(build.localRef(adversary.variable, by->span));
  ExprPtr value = exprChecker.checkExpr(*by, measured);
  if (!value)
    return std::nullopt;
  if (!value->type.isScalar() || !value->type.isTensor() ||
      value->type.element != Type::Element::Real) {
    findings.report(diag::Code::WrongType, by->span, "`best` compares one number an example")
        .label(value->type.str())
        .found(value->type.str())
        .expected("`real`, computed from `" + name.text + "`")
        .help("as in `by cw(f(" + name.text + "), y)`");
    return std::nullopt;
  }
  Block measure;
  finishBlock(measure, measured, value);
  return measure;
}

/// `if c then argmax … else argmax …`.
Adversary *ProblemChecker::checkChoice(const syntax::Expr &choice, const std::string &path,
                                       const syntax::Name &name, const ScopePtr &scope) {
  PageEnv env(scope);
  env.mode = Mode::Train;
  ExprPtr condition = exprChecker.checkExpr(*choice.children[0], env);
  if (condition &&
      (condition->type.element != Type::Element::Bool || !condition->type.isScalar())) {
    findings.notACondition(choice.children[0]->span, condition->type.str());
    condition = nullptr;
  }
  Adversary *a = checkProblem(*choice.children[1], path + ".then", name, scope);
  if (a)
    sheet.experiment->inner.push_back(a);
  Adversary *b = checkProblem(*choice.children[2], path + ".else", name, scope);
  if (b)
    sheet.experiment->inner.push_back(b);
  if (!condition || !a || !b || !movesImage(*a, "a choice") || !movesImage(*b, "a choice"))
    return nullptr;
  // What is known before the step decides what runs; else both run, and one is taken.
  if (condition->type.isNumber()) {
    combinations.runOnlyIf(*a, condition);
    combinations.runOnlyIf(*b, build.elementwise(Op::LogicalNot, {condition}, condition->span));
  }
  return combinations.choose(condition, env, *a, *b, path, name);
}

} // namespace advx::sema
