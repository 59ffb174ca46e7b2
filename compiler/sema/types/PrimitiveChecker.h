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

  /// A real number or a tensor of them.
  static bool isReal(const Type &type);

  /// A function of weights: entry by entry, or reduced over all tensors.
  Value ofWeights(const PrimitiveInfo &info, std::vector<Value> values, Span span);
  /// One number for each tensor as a vector.
  ExprPtr vectorOf(const Value &numbers, Span span);
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

  // MovePrimitives.cpp: entries moved, placed and ordered.
  Value pad(const Call &call);
  Value shift(const Call &call);
  Value flip(const Call &call);
  Value positions(const Call &call);
  Value inOrder(const Call &call);
  Value cumsum(const Call &call);
  /// Whether the first argument is a tensor of reals of a known shape with `least` axes or more.
  bool hasAxes(const Call &call, size_t least) const;
  /// The axis that the second argument names, and `least` where there is none. `least` is the first
  /// that may be named: 0, or -1 where that stands for all axes. Reports any other.
  std::optional<int64_t> axisOf(const Call &call, int64_t least = 0);
  /// `v` with `count` zeros at both ends of the axis, or that many entries less where it is
  /// negative.
  ExprPtr padded(ExprPtr v, int64_t axis, int64_t count, Span span);

  ExprChecker &exprChecker;
};

} // namespace advx::sema

#endif
