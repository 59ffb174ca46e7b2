#ifndef ADVX_SEMA_EXPERIMENT_LETCHECKER_H
#define ADVX_SEMA_EXPERIMENT_LETCHECKER_H

#include "compiler/sema/Room.h"

#include <vector>

namespace advx::sema {

class CallChecker;
class ExprChecker;

/// The `let` lines of the page.
class LetChecker : Room {
public:
  LetChecker(const Tools &tools, ExprChecker &exprChecker, CallChecker &callChecker)
      : Room(tools), exprChecker(exprChecker), callChecker(callChecker) {}

  void checkLet(const syntax::Item &item);
  Value pageLet(size_t index, Span use, Env &env);

private:
  ExprChecker &exprChecker;
  CallChecker &callChecker;
  void fail(const syntax::Item &item);
  /// The value of a name, or of one of several.
  Value valueOf(const syntax::Item &item, size_t place, Env &env);
  struct Let {
    const syntax::Item *item;
    size_t place = 0; ///< Of the name among those of the line.
    bool active = false;
  };
  std::vector<Let> pageLets;
};

} // namespace advx::sema

#endif
