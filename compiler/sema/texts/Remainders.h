#ifndef ADVX_SEMA_TEXTS_REMAINDERS_H
#define ADVX_SEMA_TEXTS_REMAINDERS_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class ExprChecker;

/// `a mod b`: of numbers and tensors, and of labels, which are counted on with whole numbers and
/// come back to a class, `(y + 1) mod classes`.
class Remainders : Room {
public:
  Remainders(const Tools &tools, ExprChecker &exprChecker)
      : Room(tools), exprChecker(exprChecker) {}

  Value check(const syntax::Expr &expr, Env &env);

private:
  /// What stands before `mod`, with labels as numbers.
  struct Sum {
    ExprPtr value; ///< Null after a report.
    bool hasLabel = false;
    ExprPtr broken; ///< A part that need not be whole, or null.
  };
  Sum sum(const syntax::Expr &expr, Env &env);
  bool countsClasses(const ExprPtr &divisor);

  ExprChecker &exprChecker;
};

} // namespace advx::sema

#endif
