#ifndef ADVX_SEMA_TEXTS_STATEMENTCHECKER_H
#define ADVX_SEMA_TEXTS_STATEMENTCHECKER_H

#include "compiler/sema/Room.h"

#include <functional>
#include <vector>

namespace advx::sema {

class CallChecker;
class DrawChecker;
class ExprChecker;
class IndexRanges;
class SolverChecker;

/// The programs of solvers, optimisers, sets and starts, statement by statement.
class StatementChecker : Room {
public:
  StatementChecker(const Tools &tools, ExprChecker &exprChecker, SolverChecker &solverChecker,
                   CallChecker &callChecker, IndexRanges &indexRanges, DrawChecker &drawChecker)
      : Room(tools), exprChecker(exprChecker), solverChecker(solverChecker),
        callChecker(callChecker), indexRanges(indexRanges), drawChecker(drawChecker) {}

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
  void assignWeights(const syntax::Stmt &stmt, const Local &variable, const Value &value,
                     const Env &env, std::vector<Stmt> &out);
  Value declareWeights(const syntax::Stmt &stmt, const Value &value, Env &env,
                       std::vector<Stmt> &out);
  void checkSeveral(const syntax::Stmt &stmt, Env &env, std::vector<Stmt> &out);
  /// What stands behind `=` or `:=`.
  Value valueOf(const syntax::Expr &expr, Env &env, std::vector<Stmt> &out);
  /// `best k in I of e by J`: of each example the value of e with the largest measure.
  Value bestOf(const syntax::Expr &best, Env &env, std::vector<Stmt> &out);
  /// The measure at a candidate; null after a report.
  ExprPtr measure(const syntax::Expr &best, const ExprPtr &candidate, Env &env);

  ExprChecker &exprChecker;
  SolverChecker &solverChecker;
  CallChecker &callChecker;
  IndexRanges &indexRanges;
  DrawChecker &drawChecker;
};

} // namespace advx::sema

#endif
