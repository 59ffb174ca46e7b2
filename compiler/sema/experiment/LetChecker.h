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
  struct Let {
    const syntax::Item *item;
    bool active = false;
  };
  std::vector<Let> pageLets;
};

} // namespace advx::sema

#endif
