#ifndef ADVX_SEMA_EXPERIMENT_STOPCHECKER_H
#define ADVX_SEMA_EXPERIMENT_STOPCHECKER_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class ExprChecker;

/// `stop when P [keep previous]` of a page, where P is of accuracies, states and numbers.
class StopChecker : Room {
public:
  StopChecker(const Tools &tools, ExprChecker &exprChecker)
      : Room(tools), exprChecker(exprChecker) {}

  void checkStop(const syntax::Item &item);

private:
  /// Names `EVALUATION.LINE` and `previous(EVALUATION.LINE)`, as far as the condition has them, in
  /// the scope; false after an error.
  bool name(const syntax::Expr &expr, Scope &scope, Stop &stop);
  bool measure(const syntax::Expr &line, bool isPrevious, Scope &scope, Stop &stop);
  bool isBetweenEpochs(const syntax::Item &item, const Stop &stop);

  ExprChecker &exprChecker;
};

} // namespace advx::sema

#endif
