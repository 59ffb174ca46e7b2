#ifndef ADVX_SEMA_TEXTS_INDEXRANGES_H
#define ADVX_SEMA_TEXTS_INDEXRANGES_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class ExprChecker;
struct PrimitiveInfo;

/// What stands after `in`: `classes`, `classes except y`, `0..3`, `[0.1, 0.2]`; and the loops over
/// it, `sum(k in classes, e)`.
class IndexRanges : Room {
public:
  /// Values that a loop may go over: it is written out, once for each.
  static constexpr int64_t most = 1000;

  struct Range {
    std::vector<Value> values; ///< In order.
    ExprPtr except;            ///< A label that is left out, for each example; or null.
  };

  IndexRanges(const Tools &tools, ExprChecker &exprChecker)
      : Room(tools), exprChecker(exprChecker) {}

  /// At least one value; nothing after a report.
  std::optional<Range> read(const syntax::Expr &range, Env &env);
  /// Whether the values are all classes of the data, in order.
  bool isAllClasses(const Range &range);
  /// Whether the values are more than one number, so that every example has one.
  bool isSeveral(const Range &range);
  /// Whether a call is `sum(k in …, e)`.
  static bool isLoop(const PrimitiveInfo &info, const syntax::Expr &call);
  Value loop(const PrimitiveInfo &info, const syntax::Expr &call, Env &env);

private:
  std::optional<Range> refuse(const syntax::Expr &range, const std::string &found);
  /// The value of a loop's body, or what changes nothing where the index is left out.
  ExprPtr orNeutral(ExprPtr value, const Value &index, const Range &range, Op combine, Span span);

  /// How many values each example has, of which one is its label.
  ExprPtr countOf(const Range &range, Span span);

  ExprChecker &exprChecker;
};

} // namespace advx::sema

#endif
