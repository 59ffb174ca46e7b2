#ifndef ADVX_SEMA_TEXTS_STATEMENTCHECKER_H
#define ADVX_SEMA_TEXTS_STATEMENTCHECKER_H

#include "compiler/sema/Room.h"

#include <functional>
#include <vector>

namespace advx::sema {

class DrawChecker;
class ExprChecker;
class SolverChecker;

/// The programs of solvers, optimisers, sets and starts, statement by statement.
class StatementChecker : Room {
public:
  StatementChecker(const Tools &tools, ExprChecker &exprChecker, SolverChecker &solverChecker,
                   DrawChecker &drawChecker)
      : Room(tools), exprChecker(exprChecker), solverChecker(solverChecker),
        drawChecker(drawChecker) {}

  /// Has `read` read the text of `body` afresh until each variable has, from its declaration on,
  /// a type that holds whatever it is assigned.
  void settle(BodyState &body, const std::function<void()> &read);
  void checkStatements(const std::vector<syntax::Stmt> &body, Env &env, std::vector<Stmt> &out);
  /// All statements of a text, in a scope of their own within `env.scope`, behind those that `out`
  /// holds.
  void checkProgram(const std::vector<syntax::Stmt> &text, const Env &env, std::vector<Stmt> &out);
  void checkStatement(const syntax::Stmt &stmt, Env &env, std::vector<Stmt> &out);
  void checkDraw(const syntax::Stmt &stmt, Env &env, std::vector<Stmt> &out);

private:
  void assign(const syntax::Stmt &stmt, Env &env, std::vector<Stmt> &out);

  ExprChecker &exprChecker;
  SolverChecker &solverChecker;
  DrawChecker &drawChecker;
};

} // namespace advx::sema

#endif
