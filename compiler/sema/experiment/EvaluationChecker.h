#ifndef ADVX_SEMA_EXPERIMENT_EVALUATIONCHECKER_H
#define ADVX_SEMA_EXPERIMENT_EVALUATIONCHECKER_H

#include "compiler/sema/Room.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace advx::sema {

class CallBinder;
class AdversaryChecker;
class CallChecker;
class ExprChecker;
class IndexRanges;
class StateChecker;

/// Evaluations, and which weights are kept.
class EvaluationChecker : Room {
public:
  EvaluationChecker(const Tools &tools, ExprChecker &exprChecker, CallChecker &callChecker,
                    AdversaryChecker &adversaryChecker, CallBinder &callBinder,
                    IndexRanges &indexRanges, const StateChecker &stateChecker)
      : Room(tools), callBinder(callBinder), exprChecker(exprChecker), callChecker(callChecker),
        adversaryChecker(adversaryChecker), indexRanges(indexRanges), stateChecker(stateChecker) {}

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
  /// The setting that stands for the index of a `best` in its adversary, and what its name means
  /// there; nothing after a report.
  struct Index {
    size_t setting = 0;
    Value value;
  };
  std::optional<Index> makeIndex(const syntax::Expr &best, const std::string &path, ScopePtr scope);
  /// Whether the set of an adversary is the same for every value of an index.
  bool isWithoutIndex(const Adversary &adversary, size_t setting, Span span);
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
  IndexRanges &indexRanges;
  const StateChecker &stateChecker;
  std::set<std::string> evaluationNames;
  std::set<std::string> failedLines; ///< Lines of evaluations, `test.pgd`, that have an error.
};

} // namespace advx::sema

#endif
