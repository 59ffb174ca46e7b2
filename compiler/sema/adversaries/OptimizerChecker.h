#ifndef ADVX_SEMA_ADVERSARIES_OPTIMIZERCHECKER_H
#define ADVX_SEMA_ADVERSARIES_OPTIMIZERCHECKER_H

#include "compiler/sema/Room.h"

#include <optional>

namespace advx::sema {

class ExprChecker;
class SolverChecker;
class StatementChecker;

/// The calls of optimisers, and their texts.
class OptimizerChecker : Room {
public:
  OptimizerChecker(const Tools &tools, ExprChecker &exprChecker, StatementChecker &statementChecker,
                   SolverChecker &solverChecker)
      : Room(tools), exprChecker(exprChecker), statementChecker(statementChecker),
        solverChecker(solverChecker) {}

  std::optional<Optimizer> checkOptimizer(const syntax::Expr &call, Env &env);

private:
  /// `state name : like(w) per weight = constant`.
  void declareState(const syntax::Stmt &stmt, Env &env, Optimizer &optimizer);

  ExprChecker &exprChecker;
  StatementChecker &statementChecker;
  SolverChecker &solverChecker;
};

} // namespace advx::sema

#endif
