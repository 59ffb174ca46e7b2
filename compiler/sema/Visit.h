#ifndef ADVX_SEMA_VISIT_H
#define ADVX_SEMA_VISIT_H

#include "compiler/sema/Checked.h"

#include <functional>
#include <unordered_set>

namespace advx::sema {

/// Calls a function for expressions and everything below them, once for each: what has several
/// readers is one expression. Functions are closed: what they use arrives through their arguments.
class ExprVisitor {
public:
  explicit ExprVisitor(const std::function<void(const Expr &)> &visit) : visit(visit) {}

  void run(const ExprPtr &expr) {
    if (!expr || !seen.insert(expr.get()).second)
      return;
    visit(*expr);
    for (const ExprPtr &arg : expr->args)
      run(arg);
  }

  void run(const std::vector<Stmt> &stmts) {
    for (const Stmt &stmt : stmts) {
      run(stmt.value);
      for (const ExprPtr &arg : stmt.args)
        run(arg);
      run(stmt.body);
      run(stmt.orElse);
    }
  }

  void run(const Block &block) {
    run(block.stmts);
    run(block.value);
  }

private:
  const std::function<void(const Expr &)> &visit;
  std::unordered_set<const Expr *> seen;
};

/// `what` is an expression, statements or a block.
template <typename T>
void visitExprs(const T &what, const std::function<void(const Expr &)> &visit) {
  ExprVisitor(visit).run(what);
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
