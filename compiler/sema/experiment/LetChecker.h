#ifndef ADVX_SEMA_EXPERIMENT_LETCHECKER_H
#define ADVX_SEMA_EXPERIMENT_LETCHECKER_H

#include "compiler/sema/Room.h"

#include <vector>

namespace advx::sema {

class CallChecker;
class DrawChecker;
class ExprChecker;
class StateChecker;

/// The lines of the page that name a value: `let`, `draw` and `state`. What the step computes is
/// made anew in each problem that uses the name.
class LetChecker : Room {
public:
  LetChecker(const Tools &tools, ExprChecker &exprChecker, CallChecker &callChecker,
             DrawChecker &drawChecker, StateChecker &stateChecker)
      : Room(tools), exprChecker(exprChecker), callChecker(callChecker), drawChecker(drawChecker),
        stateChecker(stateChecker) {}

  void checkLet(const syntax::Item &item);
  void checkDraw(const syntax::Item &item);
  void checkState(const syntax::Item &item);
  Value pageLet(size_t index, Span use, Env &env);
  /// Whether the name is that of a `let`.
  bool isLet(size_t index) const;

private:
  void fail(const syntax::Item &item);
  /// The value of a name of a `let`, or of one of several.
  Value valueOf(const syntax::Item &item, size_t place, Env &env);
  /// What a line gives its name where it is read, after the statements that `out` receives.
  Value make(const syntax::Item &item, size_t place, Env &env, std::vector<Stmt> &out);
  /// The name stands for what `make` gives where it is read.
  void declare(const syntax::Item &item, size_t index);

  ExprChecker &exprChecker;
  CallChecker &callChecker;
  DrawChecker &drawChecker;
  StateChecker &stateChecker;
  struct Let {
    const syntax::Item *item;
    size_t place = 0; ///< Of the name among those of the line.
    bool active = false;
  };
  std::vector<Let> pageLets;
};

} // namespace advx::sema

#endif
