#ifndef ADVX_SEMA_TYPES_PRIMITIVECHECKER_H
#define ADVX_SEMA_TYPES_PRIMITIVECHECKER_H

#include "compiler/sema/Room.h"

#include <string>
#include <vector>

namespace advx::sema {

class ExprChecker;

/// The functions that are not text.
class PrimitiveChecker : Room {
public:
  PrimitiveChecker(const Tools &tools, ExprChecker &exprChecker)
      : Room(tools), exprChecker(exprChecker) {}

  Value callPrimitive(const std::string &name, const syntax::Expr &call, Env &env);
  Value callPrimitiveOn(const std::string &name, std::vector<Value> values, Span span);
  Value checkPiecewise(const syntax::Expr &call, Env &env);

private:
  ExprChecker &exprChecker;
};

} // namespace advx::sema

#endif
