#ifndef ADVX_SEMA_LINTS_SOLVERVALUES_H
#define ADVX_SEMA_LINTS_SOLVERVALUES_H

#include "compiler/sema/Checked.h"

#include <deque>
#include <map>
#include <optional>
#include <utility>

namespace advx::sema {

class Expressions;

/// What the locals of a solver and of the functions it calls stand for.
/// Each value comes with the bindings that its own locals have.
struct Bindings {
  std::map<const Local *, std::pair<ExprPtr, Bindings *>> values;
};

/// The values of a solver's text as far as they are known before it runs. Values have several
/// readers, and are looked at once.
class SolverValues {
public:
  SolverValues(const Experiment &e, Expressions &build) : e(e), build(build) {}

  /// What `let` and `var` bind; the bindings live as long as this.
  Bindings *bindingsOf(const std::vector<Stmt> &stmts);
  /// A number, at the settings of the page.
  std::optional<double> number(const ExprPtr &expr, Bindings *bindings);
  /// Whether `expr` is the clean example whatever is drawn.
  bool isClean(const ExprPtr &expr, Bindings *bindings);

private:
  Bindings *enter(const Expr &call, Bindings *outside);
  std::optional<double> computeNumber(const ExprPtr &expr, Bindings *bindings);
  ExprPtr exact(const ExprPtr &expr, Bindings *bindings);
  bool computeClean(const ExprPtr &expr, Bindings *bindings);
  bool isZero(const ExprPtr &expr, Bindings *bindings);
  bool computeZero(const ExprPtr &expr, Bindings *bindings);

  const Experiment &e;
  Expressions &build;
  /// Owns the bindings, which point to one another and to themselves.
  std::deque<Bindings> allBindings;
  using Place = std::pair<const Expr *, const Bindings *>;
  std::map<Place, Bindings *> entered;
  std::map<Place, std::optional<double>> numbers;
  std::map<Place, bool> clean, zero;
};

} // namespace advx::sema

#endif
