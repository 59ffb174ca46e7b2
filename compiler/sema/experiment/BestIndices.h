#ifndef ADVX_SEMA_EXPERIMENT_BESTINDICES_H
#define ADVX_SEMA_EXPERIMENT_BESTINDICES_H

#include "compiler/sema/Room.h"
#include "compiler/sema/texts/IndexRanges.h"

#include <optional>
#include <string>
#include <vector>

namespace advx::sema {

class Candidates;

/// The numbers that tell the candidates of an evaluation apart which share one attack: settings
/// that the runtime sets, of which no run knows.
class BestIndices : Room {
public:
  BestIndices(const Tools &tools, IndexRanges &indexRanges, Candidates &candidates)
      : Room(tools), indexRanges(indexRanges), candidates(candidates) {}

  /// One `best` of a nest, each the whole of what the one around it tries.
  struct Level {
    const syntax::Expr &best;
    IndexRanges::Range range;
  };

  /// Binds the name of each level in `scope`. Gives the setting whose values, in order, are those
  /// of all candidates, the innermost index fastest; nothing after a report.
  std::optional<size_t> make(const std::vector<Level> &levels, const std::string &path,
                             Scope &scope);

private:
  std::optional<std::vector<Rational>> constants(const Level &level);
  /// A setting below `path` that nobody sets, of these values.
  ExprPtr setting(const std::string &path, ExprPtr value, const std::vector<Rational> &values,
                  const Level &level);
  Value labelOf(const Level &level, const std::vector<Rational> &values, ExprPtr number,
                const ExprPtr &place, Span span);
  /// The value at a place, a number that the step is told.
  ExprPtr lookUp(const std::vector<Rational> &values, const ExprPtr &place, Span span);
  /// floor((whole + 1/2) / size): halves are far from where rounding could matter.
  ExprPtr quotient(const ExprPtr &whole, int64_t size, Span span);

  IndexRanges &indexRanges;
  Candidates &candidates;
};

} // namespace advx::sema

#endif
