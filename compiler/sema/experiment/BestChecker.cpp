//===- BestChecker.cpp - `best i in I of A` of an evaluation --------------===//
//
// Candidates are lines like those of a `worst`: each attacks the images that the others before it
// left, and the image counts as robust if every one of them leaves it right. Those that differ in
// numbers alone share one attack, to which the runtime tells the index; others have one each.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/adversaries/AdversaryChecker.h"
#include "compiler/sema/adversaries/Candidates.h"
#include "compiler/sema/experiment/BestIndices.h"
#include "compiler/sema/experiment/EvaluationChecker.h"

#include <algorithm>
#include <functional>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

bool EvaluationChecker::isSolverCall(const syntax::Expr &value, const Scope &scope) {
  const std::string &callee = calleeOf(value)->text;
  return value.kind == Kind::Call && !scope.find(callee) &&
         program.find(Decl::Kind::Attack, callee, scope.file).empty() &&
         !program.find(Decl::Kind::Solver, callee, scope.file).empty();
}

std::optional<std::vector<BestIndices::Level>>
EvaluationChecker::sharedLevels(const syntax::Expr &best, const ScopePtr &scope,
                                const std::string &place) {
  std::vector<BestIndices::Level> levels;
  std::vector<const syntax::Expr *> nest;
  const syntax::Expr *tried = &best;
  for (; tried->kind == Kind::Best; tried = tried->children[1].get())
    nest.push_back(tried);
  if (tried->kind != Kind::Argmax && !isSolverCall(*tried, *scope))
    return levels;
  for (const syntax::Expr *outer : nest) {
    const std::string &index = outer->pattern[0].text;
    const bool isRead = (tried->over && namesIt(*tried->over, index)) ||
                        std::any_of(nest.begin(), nest.end(), [&](const syntax::Expr *other) {
                          return other != outer && namesIt(*other->children[0], index);
                        });
    if (outer->pattern.size() != 1 || outer->by || isRead ||
        !candidates.mayBeNumbers(*outer, *scope))
      return levels;
  }
  Env env;
  env.scope = scope;
  for (const syntax::Expr *one : nest) {
    std::optional<IndexRanges::Range> range = candidates.read(*one, env, place);
    if (!range)
      return std::nullopt;
    if (std::any_of(range->values.begin(), range->values.end(), [](const Value &value) {
          return value.kind == Value::Kind::Set || value.kind == Value::Kind::List;
        }))
      return std::vector<BestIndices::Level>();
    levels.push_back({*one, std::move(*range)});
  }
  return levels;
}

void EvaluationChecker::checkBest(const Line &line, Evaluation &evaluation, ScopePtr scope,
                                  const syntax::Expr *defaultSet, EvaluationItem result,
                                  std::vector<std::string> *members) {
  const syntax::Expr &best = line.value;
  const std::string name = result.name, place = evaluation.name + "." + name;
  if (best.by) {
    findings
        .report(diag::Code::WrongArgument, best.by->span,
                "an evaluation judges every candidate of `best`")
        .label("chooses among them")
        .found("`by " + findings.source(best.by->span) + "`")
        .expected("`best i in I of A` alone: an image is robust if no candidate fools the model")
        .help("remove it");
    return;
  }
  std::optional<std::vector<BestIndices::Level>> levels = sharedLevels(best, scope, place);
  if (!levels)
    return;
  EvaluationItem all = result;
  all.kind = EvaluationItem::Kind::Worst;
  all.inWorst = members != nullptr;
  const bool ok = levels->empty()
                      ? addOwn(best, evaluation, scope, defaultSet, name, all.of)
                      : addShared(line, *levels, evaluation, scope, defaultSet, result, all.of);
  if (!ok)
    return;
  evaluation.items.push_back(all);
  if (members)
    members->push_back(name);
  failedLines.erase(place);
}

bool EvaluationChecker::addOwn(const syntax::Expr &best, Evaluation &evaluation,
                               const ScopePtr &scope, const syntax::Expr *defaultSet,
                               const std::string &name, std::vector<std::string> &lines) {
  Env env;
  env.scope = scope;
  std::optional<IndexRanges::Range> range =
      candidates.read(best, env, evaluation.name + "." + name);
  if (!range)
    return false;
  const unsigned errors = engine.errorCount();
  CandidateEdits edits(sheet);
  for (size_t i = 0; i < candidates.count(*range); ++i) {
    auto inner = std::make_shared<Scope>(scope);
    if (!candidates.bind(best, *range, i, *inner))
      return false;
    const syntax::Name own{std::to_string(i + 1), best.span};
    checkLine({own, *best.children[1], best.children[1]->span}, evaluation, inner, defaultSet,
              name + ".", &lines);
    // What is wrong with one of them is mostly wrong with all.
    if (engine.errorCount() != errors || lines.size() != i + 1)
      return false;
    edits.next();
  }
  return true;
}

bool EvaluationChecker::addShared(const Line &line, const std::vector<BestIndices::Level> &levels,
                                  Evaluation &evaluation, const ScopePtr &scope,
                                  const syntax::Expr *defaultSet, EvaluationItem result,
                                  std::vector<std::string> &lines) {
  const std::string place = evaluation.name + "." + result.name;
  auto inner = std::make_shared<Scope>(scope);
  std::optional<size_t> index = bestIndices.make(levels, place, *inner);
  if (!index)
    return false;
  syntax::Name variable;
  variable.text = sheet.experiment->x->name + "'";
  variable.span = line.span;
  result.kind = EvaluationItem::Kind::Adversary;
  result.adversary = adversaryChecker.checkAdversary(*levels.back().best.children[1], place,
                                                     variable, inner, false, defaultSet);
  if (!result.adversary)
    return false;
  result.head = adversaryChecker.decidingHead(result.adversary);
  result.index = index;
  result.inWorst = true;
  size_t candidate = 0;
  std::function<void(size_t, const std::string &, std::vector<std::string> &)> add =
      [&](size_t level, const std::string &prefix, std::vector<std::string> &of) {
        for (size_t i = 1; i <= candidates.count(levels[level].range); ++i) {
          EvaluationItem item = result;
          item.name = prefix + "." + std::to_string(i);
          if (level + 1 == levels.size()) {
            item.candidate = candidate++;
          } else {
            item.kind = EvaluationItem::Kind::Worst;
            item.adversary = nullptr;
            item.index.reset();
            add(level + 1, item.name, item.of);
          }
          of.push_back(item.name);
          evaluation.items.push_back(item);
        }
      };
  add(0, result.name, lines);
  return true;
}

} // namespace advx::sema
