#ifndef ADVX_SEMA_TEXTS_MEMBERCHECKER_H
#define ADVX_SEMA_TEXTS_MEMBERCHECKER_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class ExprChecker;

/// `F.relu` and `v.mean()`: pages have neither modules nor methods, and are told what to write.
class MemberChecker : Room {
public:
  MemberChecker(const Tools &tools, ExprChecker &exprChecker)
      : Room(tools), exprChecker(exprChecker) {}

  /// Always an error, which has been reported.
  Value check(const syntax::Expr &expr, Env &env);

private:
  ExprChecker &exprChecker;
};

} // namespace advx::sema

#endif
