#ifndef ADVX_SEMA_TEXTS_STATEMENTCHECKER_H
#define ADVX_SEMA_TEXTS_STATEMENTCHECKER_H

#include "compiler/sema/Room.h"

#include <functional>
#include <vector>

namespace advx::sema {

class ExprChecker;
class SolverChecker;

/// The programs of solvers and optimisers, statement by statement.
class StatementChecker : Room {
public:
  StatementChecker(const Tools &tools, ExprChecker &exprChecker, SolverChecker &solverChecker)
      : Room(tools), exprChecker(exprChecker), solverChecker(solverChecker) {}

  /// Has `read` read the text of `body` afresh until each variable has, from its declaration on,
  /// a type that holds whatever it is assigned.
  void settle(BodyState &body, const std::function<void()> &read);
  void checkStatements(const std::vector<syntax::Stmt> &body, Env &env, std::vector<Stmt> &out);
  void checkStatement(const syntax::Stmt &stmt, Env &env, std::vector<Stmt> &out);
  void checkDraw(const syntax::Stmt &stmt, Env &env, std::vector<Stmt> &out);

private:
  void assign(const syntax::Stmt &stmt, Env &env, std::vector<Stmt> &out);

  ExprChecker &exprChecker;
  SolverChecker &solverChecker;
};

} // namespace advx::sema

#endif
