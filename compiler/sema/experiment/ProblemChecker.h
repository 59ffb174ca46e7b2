#ifndef ADVX_SEMA_EXPERIMENT_PROBLEMCHECKER_H
#define ADVX_SEMA_EXPERIMENT_PROBLEMCHECKER_H

#include "compiler/sema/Room.h"
#include "compiler/sema/adversaries/Combinations.h"

#include <optional>
#include <string>
#include <vector>

namespace advx::sema {

class AdversaryChecker;
class CandidateEdits;
class Candidates;
class ExprChecker;
class LetChecker;
class OptimizerChecker;
class StateChecker;

/// The inner problems and the outer one.
class ProblemChecker : Room {
public:
  ProblemChecker(const Tools &tools, ExprChecker &exprChecker, OptimizerChecker &optimizerChecker,
                 AdversaryChecker &adversaryChecker, Candidates &candidates,
                 Combinations &combinations, StateChecker &stateChecker, LetChecker &letChecker)
      : Room(tools), exprChecker(exprChecker), optimizerChecker(optimizerChecker),
        adversaryChecker(adversaryChecker), candidates(candidates), combinations(combinations),
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
                          const syntax::Name &name, const ScopePtr &scope);

  // TrainingChoices.cpp
  bool movesImage(const Adversary &adversary, const std::string &construct);
  Adversary *checkBest(const syntax::Expr &best, const std::string &path, const syntax::Name &name,
                       const ScopePtr &scope);
  static bool isRestart(const syntax::Expr &best, const syntax::Expr *by);
  Adversary *checkRestarts(const syntax::Expr &best, const syntax::Expr *by,
                           const std::string &path, const syntax::Name &name,
                           const ScopePtr &scope);
  /// Adds the candidates of a nest, the innermost index fastest; `by` is the one measure of the
  /// nest, or null. False after a report.
  bool collect(const syntax::Expr &best, const syntax::Expr *by, const std::string &path,
               const syntax::Name &name, const ScopePtr &scope, CandidateEdits &edits,
               std::vector<Combinations::Candidate> &tried);
  /// The measure at the point of an adversary; nothing after a report.
  std::optional<Block> measureOf(const syntax::Expr *by, const Adversary &adversary,
                                 const syntax::Name &name, const ScopePtr &scope);
  Adversary *checkChoice(const syntax::Expr &choice, const std::string &path,
                         const syntax::Name &name, const ScopePtr &scope);
  /// A count of `outer`, which becomes the setting at `path`; nothing after an error.
  std::optional<std::string> count(const syntax::Expr &expr, const std::string &path,
                                   const std::string &what, int64_t least);

  ExprChecker &exprChecker;
  OptimizerChecker &optimizerChecker;
  AdversaryChecker &adversaryChecker;
  Candidates &candidates;
  Combinations &combinations;
  StateChecker &stateChecker;
  LetChecker &letChecker;
  bool outerSeen = false;
  size_t innerLines = 0;
};

} // namespace advx::sema

#endif
