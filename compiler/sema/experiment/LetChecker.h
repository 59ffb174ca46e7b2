#ifndef ADVX_SEMA_EXPERIMENT_LETCHECKER_H
#define ADVX_SEMA_EXPERIMENT_LETCHECKER_H

#include "compiler/sema/Room.h"

#include <vector>

namespace advx::sema {

class DrawChecker;
class ExprChecker;
class StateChecker;

/// The lines of the page that name a value: `let`, `draw` and `state`. What the step computes is
/// made anew in each problem that uses the name.
class LetChecker : Room {
public:
  LetChecker(const Tools &tools, ExprChecker &exprChecker, DrawChecker &drawChecker,
             StateChecker &stateChecker)
      : Room(tools), exprChecker(exprChecker), drawChecker(drawChecker),
        stateChecker(stateChecker) {}

  void checkLet(const syntax::Item &item);
  void checkDraw(const syntax::Item &item);
  void checkState(const syntax::Item &item);
  Value pageLet(size_t index, Span use, Env &env);
  /// Whether the name is that of a `let`.
  bool isLet(size_t index) const;

private:
  Value make(const syntax::Item &item, Env &env, std::vector<Stmt> &out);
  /// The name stands for what `make` gives where it is read.
  void declare(const syntax::Item &item, size_t index);

  ExprChecker &exprChecker;
  DrawChecker &drawChecker;
  StateChecker &stateChecker;
  struct Let {
    const syntax::Item *item;
    bool active = false;
  };
  std::vector<Let> pageLets;
};

} // namespace advx::sema

#endif
