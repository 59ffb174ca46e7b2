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

  /// `groups` receives the optimisers of the weights that `only` names.
  std::optional<Optimizer> checkOptimizer(const syntax::Expr &call, Env &env,
                                          std::vector<Optimizer> &groups);

private:
  /// The call of an optimiser, its numbers bound.
  struct Bound {
    const Decl &decl;
    const syntax::Expr &call;
    const Env &env;         ///< Of the page.
    ScopePtr scope;         ///< What the text may read: the loss, the weight, the parameters.
    std::vector<Stmt> lets; ///< The parameters.
    const Local *weight;
  };
  /// The text behind the statements that name its numbers.
  std::optional<Optimizer> readText(const Bound &bound);
  bool readGroups(const syntax::Arg &only, const Bound &bound, const Optimizer &all,
                  std::vector<Optimizer> &groups);
  /// The leaves that a key of `only` names and training changes; reports where there are none.
  std::vector<const Leaf *> leavesOf(const syntax::Expr &key);
  /// Puts the numbers of a group in place of those of `lets`.
  bool readNumbers(const syntax::Expr &numbers, const std::string &role, const Bound &bound,
                   std::vector<Stmt> &lets);
  /// `state name : like(w) per weight = constant`.
  void declareState(const syntax::Stmt &stmt, Env &env, Optimizer &optimizer);

  ExprChecker &exprChecker;
  StatementChecker &statementChecker;
  SolverChecker &solverChecker;
};

} // namespace advx::sema

#endif
