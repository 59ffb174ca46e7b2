#ifndef ADVX_SEMA_EXPERIMENT_LETCHECKER_H
#define ADVX_SEMA_EXPERIMENT_LETCHECKER_H

#include "compiler/sema/Room.h"

#include <vector>

namespace advx::sema {

class ExprChecker;

/// The `let` lines of the page.
class LetChecker : Room {
public:
  LetChecker(const Tools &tools, ExprChecker &exprChecker)
      : Room(tools), exprChecker(exprChecker) {}

  void checkLet(const syntax::Item &item);
  Value pageLet(size_t index, Span use, Env &env);

private:
  ExprChecker &exprChecker;
  struct Let {
    const syntax::Item *item;
    bool active = false;
  };
  std::vector<Let> pageLets;
};

} // namespace advx::sema

#endif
