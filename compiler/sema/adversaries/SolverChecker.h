#ifndef ADVX_SEMA_ADVERSARIES_SOLVERCHECKER_H
#define ADVX_SEMA_ADVERSARIES_SOLVERCHECKER_H

#include "compiler/sema/scopes/Room.h"

#include <string>
#include <vector>

namespace advx::sema {

class ExprChecker;
class StartChecker;
class StatementChecker;

/// The calls of solvers, and their texts.
class SolverChecker : Room {
public:
  SolverChecker(const Tools &tools, ExprChecker &exprChecker, StatementChecker &statementChecker,
                StartChecker &startChecker)
      : Room(tools), exprChecker(exprChecker), statementChecker(statementChecker),
        startChecker(startChecker) {}

  /// With `stops`, the solver's text or else its iterate heeds the condition after `until`.
  bool checkSolver(const syntax::Expr &call, Adversary &adversary, Env &env, const Value &set,
                   bool stops);
  void stopAtHit(const syntax::Stmt &loop, Env &env, std::vector<Stmt> &out);
  bool numericParams(const Decl &decl, const std::vector<syntax::Param> &params,
                     const syntax::Expr &call, size_t skip, const std::string &role, Env &env,
                     Scope &scope, std::vector<Stmt> *lets, std::vector<Value> *values,
                     std::string &text);

private:
  ExprChecker &exprChecker;
  StatementChecker &statementChecker;
  StartChecker &startChecker;
};

} // namespace advx::sema

#endif
