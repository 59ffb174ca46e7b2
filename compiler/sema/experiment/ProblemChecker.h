#ifndef ADVX_SEMA_EXPERIMENT_PROBLEMCHECKER_H
#define ADVX_SEMA_EXPERIMENT_PROBLEMCHECKER_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class AdversaryChecker;
class ExprChecker;
class OptimizerChecker;

/// The inner problems and the outer one.
class ProblemChecker : Room {
public:
  ProblemChecker(const Tools &tools, ExprChecker &exprChecker, OptimizerChecker &optimizerChecker,
                 AdversaryChecker &adversaryChecker)
      : Room(tools), exprChecker(exprChecker), optimizerChecker(optimizerChecker),
        adversaryChecker(adversaryChecker) {}

  void checkInner(const syntax::Item &item, size_t inners);
  void checkOuter(const syntax::Item &item);
  /// Whether there was an `outer` line, be it one with an error.
  bool hasOuter() const { return outerSeen; }

private:
  ExprChecker &exprChecker;
  OptimizerChecker &optimizerChecker;
  AdversaryChecker &adversaryChecker;
  bool outerSeen = false;
};

} // namespace advx::sema

#endif
