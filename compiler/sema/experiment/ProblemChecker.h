#ifndef ADVX_SEMA_EXPERIMENT_PROBLEMCHECKER_H
#define ADVX_SEMA_EXPERIMENT_PROBLEMCHECKER_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class AdversaryChecker;
class Combinations;
class ExprChecker;
class IndexRanges;
class LetChecker;
class OptimizerChecker;
class StateChecker;

/// The inner problems and the outer one.
class ProblemChecker : Room {
public:
  ProblemChecker(const Tools &tools, ExprChecker &exprChecker, OptimizerChecker &optimizerChecker,
                 AdversaryChecker &adversaryChecker, IndexRanges &indexRanges,
                 Combinations &combinations, StateChecker &stateChecker, LetChecker &letChecker)
      : Room(tools), exprChecker(exprChecker), optimizerChecker(optimizerChecker),
        adversaryChecker(adversaryChecker), indexRanges(indexRanges), combinations(combinations),
        stateChecker(stateChecker), letChecker(letChecker) {}

  void checkInner(const syntax::Item &item, size_t inners);
  void checkOuter(const syntax::Item &item);
  /// Whether there was an `outer` line, be it one with an error.
  bool hasOuter() const { return outerSeen; }
  /// Lines of inner problems without an error; a choice adds the adversaries that it chooses from.
  size_t innerCount() const { return innerLines; }

private:
  /// Null after a report.
  Adversary *checkProblem(const syntax::Expr &value, const std::string &path,
                          const syntax::Name &name);
  bool movesImage(const Adversary &adversary, const std::string &construct);
  Adversary *checkRestarts(const syntax::Expr &best, const std::string &path,
                           const syntax::Name &name);
  Adversary *checkChoice(const syntax::Expr &choice, const std::string &path,
                         const syntax::Name &name);
  /// A count of `outer`, which becomes the setting at `path`; nothing after an error.
  std::optional<std::string> count(const syntax::Expr &expr, const std::string &path,
                                   const std::string &what, int64_t least);

  ExprChecker &exprChecker;
  OptimizerChecker &optimizerChecker;
  AdversaryChecker &adversaryChecker;
  IndexRanges &indexRanges;
  Combinations &combinations;
  StateChecker &stateChecker;
  LetChecker &letChecker;
  bool outerSeen = false;
  size_t innerLines = 0;
};

} // namespace advx::sema

#endif
