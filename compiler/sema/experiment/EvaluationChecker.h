#ifndef ADVX_SEMA_EXPERIMENT_EVALUATIONCHECKER_H
#define ADVX_SEMA_EXPERIMENT_EVALUATIONCHECKER_H

#include "compiler/sema/Room.h"
#include "compiler/sema/experiment/BestIndices.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace advx::sema {

class CallBinder;
class AdversaryChecker;
class CallChecker;
class ExprChecker;
class Candidates;
class StateChecker;

/// Evaluations, and which weights are kept.
class EvaluationChecker : Room {
public:
  EvaluationChecker(const Tools &tools, ExprChecker &exprChecker, CallChecker &callChecker,
                    AdversaryChecker &adversaryChecker, CallBinder &callBinder,
                    Candidates &candidates, BestIndices &bestIndices,
                    const StateChecker &stateChecker)
      : Room(tools), callBinder(callBinder), exprChecker(exprChecker), callChecker(callChecker),
        adversaryChecker(adversaryChecker), candidates(candidates), bestIndices(bestIndices),
        stateChecker(stateChecker) {}

  void checkEvaluate(const syntax::Item &item);
  void checkKeep(const syntax::Item &item);
  /// Where no evaluation of a model has a line `clean`, each begins with one: robust accuracy
  /// counts images that are right when clean.
  void addClean();

private:
  /// A line of an evaluation, or what the text of an attack puts in its place.
  struct Line {
    syntax::Name name; ///< Empty where the page gives it none.
    const syntax::Expr &value;
    Span span;
  };
  void checkLine(const Line &line, Evaluation &evaluation, ScopePtr scope,
                 const syntax::Expr *defaultSet, const std::string &prefix,
                 std::vector<std::string> *members);
  /// `best i in I of A`: a line for each candidate, and one that is right where all of them are.
  void checkBest(const Line &line, Evaluation &evaluation, ScopePtr scope,
                 const syntax::Expr *defaultSet, EvaluationItem result,
                 std::vector<std::string> *members);
  /// Whether a value is the call of a solver, and of no attack.
  bool isSolverCall(const syntax::Expr &value, const Scope &scope);
  /// The levels of a nest of `best` whose candidates differ in numbers that neither a set nor
  /// another level reads, so that they share one attack: none where there are other candidates;
  /// nothing after a report.
  std::optional<std::vector<BestIndices::Level>>
  sharedLevels(const syntax::Expr &best, const ScopePtr &scope, const std::string &place);
  /// Adds the candidates, each with what it tries as a line of its own, and their names to `lines`;
  /// false after a report.
  bool addOwn(const syntax::Expr &best, Evaluation &evaluation, const ScopePtr &scope,
              const syntax::Expr *defaultSet, const std::string &name,
              std::vector<std::string> &lines);
  /// The same for candidates of one attack.
  bool addShared(const Line &line, const std::vector<BestIndices::Level> &levels,
                 Evaluation &evaluation, const ScopePtr &scope, const syntax::Expr *defaultSet,
                 EvaluationItem result, std::vector<std::string> &lines);
  /// The model of `with`; nothing after a report.
  std::optional<EvaluatedModel> checkWith(const syntax::Expr &with, const std::string &evaluation);
  bool isOfEvaluation(const Block &weights, const syntax::Expr &with);
  /// A whole number of an evaluation, which runs may set: its path, or nothing where it is a
  /// mistake.
  std::optional<std::string> checkCount(const syntax::Expr &expr, const std::string &path,
                                        const std::string &what);

  CallBinder &callBinder;
  ExprChecker &exprChecker;
  CallChecker &callChecker;
  AdversaryChecker &adversaryChecker;
  Candidates &candidates;
  BestIndices &bestIndices;
  const StateChecker &stateChecker;
  std::set<std::string> evaluationNames;
  std::set<std::string> failedLines; ///< Lines of evaluations, `test.pgd`, that have an error.
};

} // namespace advx::sema

#endif
