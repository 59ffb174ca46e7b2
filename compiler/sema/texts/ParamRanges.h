#ifndef ADVX_SEMA_TEXTS_PARAMRANGES_H
#define ADVX_SEMA_TEXTS_PARAMRANGES_H

#include "compiler/sema/Room.h"

#include <string>

namespace advx::sema {

class ExprChecker;

/// The ranges that texts give their parameters, `p : real in 1..infinity`; both ends belong to
/// them.
class ParamRanges : Room {
public:
  ParamRanges(const Tools &tools, ExprChecker &exprChecker)
      : Room(tools), exprChecker(exprChecker) {}

  /// Holds an argument to the range of its parameter: now as far as the page knows the number, in a
  /// run once it does. `of` is what the parameter belongs to; `use` is where the argument stands if
  /// it does not say so itself. Reports what lies outside, and what no range can hold. Whoever
  /// reads the number reads what `value` becomes, so that a run looks at it for them.
  bool hold(const syntax::Param &param, const std::string &of, Value &value, Span use);

private:
  std::optional<double> bound(const syntax::Expr &expr);

  ExprChecker &exprChecker;
};

} // namespace advx::sema

#endif
