#ifndef ADVX_SEMA_EXPERIMENT_AUGMENTATIONCHECKER_H
#define ADVX_SEMA_EXPERIMENT_AUGMENTATIONCHECKER_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class ExprChecker;
class SolverChecker;
class StatementChecker;

/// `augment = […]` of the line of the data: texts that change the examples of training.
class AugmentationChecker : Room {
public:
  AugmentationChecker(const Tools &tools, SolverChecker &solverChecker,
                      StatementChecker &statementChecker)
      : Room(tools), solverChecker(solverChecker), statementChecker(statementChecker) {}

  /// Reads the list, once, in the order of the examples' way through it. Null is an empty list.
  void check(const syntax::Expr *list);

private:
  void checkOne(const syntax::Expr &call);

  SolverChecker &solverChecker;
  StatementChecker &statementChecker;
  bool done = false;
};

} // namespace advx::sema

#endif
