#ifndef ADVX_SEMA_EXPERIMENT_PROBLEMCHECKER_H
#define ADVX_SEMA_EXPERIMENT_PROBLEMCHECKER_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class AdversaryChecker;
class ExprChecker;
class LetChecker;
class OptimizerChecker;
class StateChecker;

/// The inner problems and the outer one.
class ProblemChecker : Room {
public:
  ProblemChecker(const Tools &tools, ExprChecker &exprChecker, OptimizerChecker &optimizerChecker,
                 AdversaryChecker &adversaryChecker, StateChecker &stateChecker,
                 LetChecker &letChecker)
      : Room(tools), exprChecker(exprChecker), optimizerChecker(optimizerChecker),
        adversaryChecker(adversaryChecker), stateChecker(stateChecker), letChecker(letChecker) {}

  void checkInner(const syntax::Item &item, size_t inners);
  void checkOuter(const syntax::Item &item);
  /// Whether there was an `outer` line, be it one with an error.
  bool hasOuter() const { return outerSeen; }

private:
  /// A count of `outer`, which becomes the setting at `path`; nothing after an error.
  std::optional<std::string> count(const syntax::Expr &expr, const std::string &path,
                                   const std::string &what, int64_t least);

  ExprChecker &exprChecker;
  OptimizerChecker &optimizerChecker;
  AdversaryChecker &adversaryChecker;
  StateChecker &stateChecker;
  LetChecker &letChecker;
  bool outerSeen = false;
};

} // namespace advx::sema

#endif
