#ifndef ADVX_SEMA_TEXTS_CALLBINDER_H
#define ADVX_SEMA_TEXTS_CALLBINDER_H

#include "compiler/sema/Room.h"

#include <functional>
#include <string>

namespace advx::sema {

class ExprChecker;
class StartChecker;

/// Calls of declarations: a value for each parameter, given or by default.
class CallBinder : Room {
public:
  CallBinder(const Tools &tools, ExprChecker &exprChecker, StartChecker &startChecker)
      : Room(tools), exprChecker(exprChecker), startChecker(startChecker) {}

  struct Site {
    const Decl &decl;
    const syntax::Expr &call;
    const Env &env;          ///< Where the given arguments stand.
    std::string role;        ///< Prefix of the settings inside the arguments; may be empty.
    size_t skip = 0;         ///< Parameters, and arguments, that the caller reads itself.
    ScopePtr names = {};     ///< What defaults may read besides the parameters before them.
    std::string except = {}; ///< An argument, by name, that the caller reads itself.
    bool holds = true;       ///< False where the caller holds the values to their ranges itself.
  };

  /// Calls `take` with each argument that has a value, in the order of the parameters. It answers
  /// whether the value will do, and may change it, as into a setting; then the value is held to the
  /// range of its parameter, and later defaults read what comes of it. `values` receives that of
  /// each. False after an error; the arguments after it are read all the same.
  bool bind(const Site &site, const std::function<bool(BoundArgument &)> &take,
            std::vector<Value> *values = nullptr);

private:
  Value valueOf(const BoundArgument &argument, const Site &site, const ScopePtr &names);

  ExprChecker &exprChecker;
  StartChecker &startChecker;
};

} // namespace advx::sema

#endif
