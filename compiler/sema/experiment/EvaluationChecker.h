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

/// Evaluations, and which weights are kept.
class EvaluationChecker : Room {
public:
  EvaluationChecker(const Tools &tools, ExprChecker &exprChecker, CallChecker &callChecker,
                    AdversaryChecker &adversaryChecker, CallBinder &callBinder)
      : Room(tools), callBinder(callBinder), exprChecker(exprChecker), callChecker(callChecker),
        adversaryChecker(adversaryChecker) {}

  void checkEvaluate(const syntax::Item &item);
  void checkKeep(const syntax::Item &item);

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
  /// A whole number of an evaluation, which runs may set: its path, or nothing where it is a
  /// mistake.
  std::optional<std::string> checkCount(const syntax::Expr &expr, const std::string &path,
                                        const std::string &what);

  CallBinder &callBinder;
  ExprChecker &exprChecker;
  CallChecker &callChecker;
  AdversaryChecker &adversaryChecker;
  std::set<std::string> evaluationNames;
  std::set<std::string> failedLines; ///< Lines of evaluations, `test.pgd`, that have an error.
};

} // namespace advx::sema

#endif
