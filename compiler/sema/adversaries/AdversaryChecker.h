#ifndef ADVX_SEMA_ADVERSARIES_ADVERSARYCHECKER_H
#define ADVX_SEMA_ADVERSARIES_ADVERSARYCHECKER_H

#include "compiler/sema/Room.h"

#include <string>

namespace advx::sema {

class CallChecker;
class ExprChecker;
class SetChecker;
class SolverChecker;

/// `argmax J over S by SOLVER`, in training and evaluation.
class AdversaryChecker : Room {
public:
  AdversaryChecker(const Tools &tools, ExprChecker &exprChecker, CallChecker &callChecker,
                   SetChecker &setChecker, SolverChecker &solverChecker)
      : Room(tools), exprChecker(exprChecker), callChecker(callChecker), setChecker(setChecker),
        solverChecker(solverChecker) {}

  /// Null after a report.
  Adversary *checkAdversary(const syntax::Expr &expr, const std::string &path,
                            const syntax::Name &variable, ScopePtr scope, bool training,
                            const syntax::Expr *defaultSet);
  const Head *decidingHead(const Adversary *adversary) const;
  /// The head that judges whatever is attacked, in an evaluation that names one; else null.
  const Head *judge = nullptr;

private:
  bool isWithoutTraining(const Adversary &attack, Span span);
  Value defaultSetValue(Span use, std::string &text);

  ExprChecker &exprChecker;
  CallChecker &callChecker;
  SetChecker &setChecker;
  SolverChecker &solverChecker;
};

} // namespace advx::sema

#endif
