#ifndef ADVX_SEMA_TEXTS_OPERATORCHECKER_H
#define ADVX_SEMA_TEXTS_OPERATORCHECKER_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class CallChecker;
class ExprChecker;
class LayerChecker;
class Remainders;
class SetChecker;

/// Operators: of numbers and tensors, `>>` of networks, `&` of sets, `fresh` of a model.
class OperatorChecker : Room {
public:
  OperatorChecker(const Tools &tools, ExprChecker &exprChecker, CallChecker &callChecker,
                  LayerChecker &layerChecker, SetChecker &setChecker, Remainders &remainders)
      : Room(tools), exprChecker(exprChecker), callChecker(callChecker), layerChecker(layerChecker),
        setChecker(setChecker), remainders(remainders) {}

  Value checkUnary(const syntax::Expr &expr, Env &env);
  Value checkBinary(const syntax::Expr &expr, Env &env);

private:
  /// An operator between two expressions.
  Value between(const syntax::Expr &expr, const Value &left, const Value &right);
  Value checkExcept(ExprPtr lhs, ExprPtr rhs, Span span);

  ExprChecker &exprChecker;
  CallChecker &callChecker;
  LayerChecker &layerChecker;
  SetChecker &setChecker;
  Remainders &remainders;
};

} // namespace advx::sema

#endif
