#ifndef ADVX_SEMA_VISIT_H
#define ADVX_SEMA_VISIT_H

#include "compiler/sema/Checked.h"

#include <functional>

namespace advx::sema {

/// Calls `visit` for `expr` and everything below it. Functions are closed: what
/// they use arrives through their arguments.
inline void visitExprs(const ExprPtr &expr, const std::function<void(const Expr &)> &visit) {
  if (!expr)
    return;
  visit(*expr);
  for (const ExprPtr &arg : expr->args)
    visitExprs(arg, visit);
}

inline void visitExprs(const std::vector<Stmt> &stmts,
                       const std::function<void(const Expr &)> &visit) {
  for (const Stmt &stmt : stmts) {
    visitExprs(stmt.value, visit);
    for (const ExprPtr &arg : stmt.args)
      visitExprs(arg, visit);
    visitExprs(stmt.body, visit);
    visitExprs(stmt.orElse, visit);
  }
}

inline void visitExprs(const Block &block, const std::function<void(const Expr &)> &visit) {
  visitExprs(block.stmts, visit);
  visitExprs(block.value, visit);
}

/// Whether `block` mentions `local` itself (a derivative with respect to it does not count).
inline bool mentions(const Block &block, const Local *local) {
  bool found = false;
  visitExprs(block, [&](const Expr &expr) {
    found |= expr.kind == Expr::Kind::Local && expr.local == local;
  });
  return found;
}

} // namespace advx::sema

#endif // ADVX_SEMA_VISIT_H
