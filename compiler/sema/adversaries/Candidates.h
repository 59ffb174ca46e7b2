#ifndef ADVX_SEMA_ADVERSARIES_CANDIDATES_H
#define ADVX_SEMA_ADVERSARIES_CANDIDATES_H

#include "compiler/sema/Room.h"
#include "compiler/sema/texts/IndexRanges.h"

#include <optional>
#include <string>
#include <vector>

namespace advx::sema {

class ExprChecker;
class SetChecker;

/// What `best` tries: the values of its index, and what its names stand for in each.
class Candidates : Room {
public:
  Candidates(const Tools &tools, ExprChecker &exprChecker, SetChecker &setChecker,
             IndexRanges &indexRanges)
      : Room(tools), exprChecker(exprChecker), setChecker(setChecker), indexRanges(indexRanges) {}

  /// What the index runs over. A start, a solver's call and an adversary in a list are texts that
  /// are read where the index stands; the numbers of the i-th set are settings below `role.i`.
  /// Nothing after a report.
  std::optional<IndexRanges::Range> read(const syntax::Expr &best, const Env &env,
                                         const std::string &role);
  /// Whether all that the index runs over is numbers, as far as its text says.
  bool mayBeNumbers(const syntax::Expr &best, const Scope &scope);
  /// The values that the index takes for one example.
  size_t count(const IndexRanges::Range &range);
  /// Gives the names of `best` what they stand for in candidate `i`; false after a report.
  bool bind(const syntax::Expr &best, const IndexRanges::Range &range, size_t i, Scope &scope);
  /// Of all classes without that of an example, the one at a place.
  ExprPtr otherClass(const ExprPtr &label, ExprPtr place, Span span);
  /// The place in the list of the entry that stands for entry `i` where that is the label of an
  /// example: the next other one.
  size_t insteadOf(const IndexRanges::Range &range, size_t i);
  /// Whether the other `best` has a measure, too; reports that.
  bool hasTwoMeasures(const syntax::Expr &outer, const syntax::Expr &inner);

private:
  enum class Form { Number, Text, Set, List };
  Form formOf(const syntax::Expr &element, const Scope &scope);
  Value element(const syntax::Expr &element, const Env &env, const std::string &role);

  ExprChecker &exprChecker;
  SetChecker &setChecker;
  IndexRanges &indexRanges;
};

/// What the candidates of a `best` write back to the page, which has their text once.
class CandidateEdits {
public:
  explicit CandidateEdits(Sheet &sheet) : sheet(sheet), before(std::move(sheet.edits)) {
    sheet.edits.clear();
  }
  CandidateEdits(const CandidateEdits &) = delete;
  CandidateEdits &operator=(const CandidateEdits &) = delete;
  /// Keeps what all of them that write at a place agree on.
  ~CandidateEdits();
  /// Ends a candidate.
  void next();

private:
  Sheet &sheet;
  std::vector<Edit> before;
  std::vector<std::vector<Edit>> candidates;
};

} // namespace advx::sema

#endif
