#ifndef ADVX_SEMA_ADVERSARIES_SOLVERCHECKER_H
#define ADVX_SEMA_ADVERSARIES_SOLVERCHECKER_H

#include "compiler/sema/Room.h"

#include <string>
#include <vector>

namespace advx::sema {

class CallBinder;
class ExprChecker;
class StartChecker;
class StatementChecker;

/// The calls of solvers, and their texts.
class SolverChecker : Room {
public:
  SolverChecker(const Tools &tools, ExprChecker &exprChecker, StatementChecker &statementChecker,
                StartChecker &startChecker, CallBinder &callBinder)
      : Room(tools), callBinder(callBinder), exprChecker(exprChecker),
        statementChecker(statementChecker), startChecker(startChecker) {}

  /// With `stops`, the solver's text or else its iterate heeds the condition after `until`.
  bool checkSolver(const syntax::Expr &call, Adversary &adversary, Env &env, const Value &set,
                   bool stops);
  void stopAtHit(const syntax::Stmt &loop, Env &env, std::vector<Stmt> &out);
  /// Binds the call of a solver or an optimiser: each number is a setting under `role`. In `scope`
  /// the parameters are locals that `lets` binds; one that is infinite by default and not given
  /// otherwise is infinity, which shapes the program. `text` becomes the call with every default.
  /// The caller reads the argument named `except`.
  bool bindCall(const Decl &decl, const syntax::Expr &call, const std::string &role, Env &env,
                Scope &scope, std::vector<Stmt> &lets, std::string &text,
                const std::string &except = "");

private:
  /// The solvers of the name that is called; none after a report.
  std::vector<const Decl *> find(const syntax::Expr &call, const Scope &scope);
  /// The one of the name that is for this set; null after a report.
  const Decl *solverFor(const std::vector<const Decl *> &decls, const SetForm &set,
                        const syntax::Expr &call);
  void wrongType(const BoundArgument &argument, const Decl &decl, const std::string &expected);
  bool isCount(const BoundArgument &argument);

  CallBinder &callBinder;
  ExprChecker &exprChecker;
  StatementChecker &statementChecker;
  StartChecker &startChecker;
};

} // namespace advx::sema

#endif
