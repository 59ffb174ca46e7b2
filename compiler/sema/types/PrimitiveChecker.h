#ifndef ADVX_SEMA_TYPES_PRIMITIVECHECKER_H
#define ADVX_SEMA_TYPES_PRIMITIVECHECKER_H

#include "compiler/sema/Room.h"
#include "compiler/sema/types/Primitives.h"

#include <string>
#include <vector>

namespace advx::sema {

class ExprChecker;

/// The functions that are not text.
class PrimitiveChecker : Room {
public:
  PrimitiveChecker(const Tools &tools, ExprChecker &exprChecker)
      : Room(tools), exprChecker(exprChecker) {}

  /// A function whose arguments are values (its rule is not Form).
  Value callPrimitive(const PrimitiveInfo &info, const syntax::Expr &call, Env &env);
  /// The same at values that are known, one at least for each parameter without a default.
  Value callPrimitiveOn(const PrimitiveInfo &info, std::vector<Value> values, Span span);
  Value checkPiecewise(const PrimitiveInfo &info, const syntax::Expr &call, Env &env);
  Value checkRamp(const PrimitiveInfo &info, const syntax::Expr &call, Env &env);

private:
  struct Call {
    const PrimitiveInfo &info;
    const std::vector<Value> &values; ///< One for each parameter; no expression for a default.
    Span span;
    const ExprPtr &v; ///< The first.
  };

  Value wrong(const Call &call, const std::string &expected, const std::string &help);
  Value ofNumber(Op op, const Call &call);
  Value extreme(const Call &call, Op ofTwo);
  Value sum(const Call &call);
  Value norm(const Call &call);
  Value normalize(const Call &call);
  Value ofLogits(const Call &call, Op op);
  Value transpose(const Call &call);
  Value flatten(const Call &call);
  Value concat(const Call &call);
  Value overBatch(const Call &call, Op op);

  ExprChecker &exprChecker;
};

} // namespace advx::sema

#endif
