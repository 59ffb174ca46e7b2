#ifndef ADVX_SEMA_ADVERSARIES_STARTCHECKER_H
#define ADVX_SEMA_ADVERSARIES_STARTCHECKER_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class CallBinder;
class CallChecker;
class ExprChecker;
class SetChecker;

/// Where solvers start.
class StartChecker : Room {
public:
  StartChecker(const Tools &tools, ExprChecker &exprChecker, CallChecker &callChecker,
               SetChecker &setChecker, CallBinder &callBinder)
      : Room(tools), callBinder(callBinder), exprChecker(exprChecker), callChecker(callChecker),
        setChecker(setChecker) {}

  Value makeStart(const syntax::Expr &expr, Env &env);
  Value callStart(const StartForm &start, const syntax::Expr &call, Env &env);

private:
  /// At a point of a set; `leaf` counts those of a set of weights, whose arguments may differ.
  ExprPtr startAt(const StartForm &start, const Value &set, const ExprPtr &x, Span call,
                  size_t leaf);
  CallBinder &callBinder;
  ExprChecker &exprChecker;
  CallChecker &callChecker;
  SetChecker &setChecker;
};

} // namespace advx::sema

#endif
