#ifndef ADVX_SEMA_TEXTS_EXPRCHECKER_H
#define ADVX_SEMA_TEXTS_EXPRCHECKER_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class CallChecker;
class LayerChecker;
class LetChecker;
class SetChecker;

/// Expressions of pages and texts.
class ExprChecker : Room {
public:
  ExprChecker(const Tools &tools, CallChecker &callChecker, LayerChecker &layerChecker,
              SetChecker &setChecker, LetChecker &letChecker)
      : Room(tools), callChecker(callChecker), layerChecker(layerChecker), setChecker(setChecker),
        letChecker(letChecker) {}

  Value check(const syntax::Expr &expr, Env &env);
  ExprPtr checkExpr(const syntax::Expr &expr, Env &env);
  ExprPtr expectExpr(const Value &value, Span span);
  ExprPtr indexBy(ExprPtr base, ExprPtr index, Span span);
  ExprPtr oneHot(ExprPtr label, Span span, bool mask);
  ExprPtr listTensor(const Value &list, Span span);

private:
  Value checkName(const syntax::Expr &expr, Env &env);
  Value checkUnary(const syntax::Expr &expr, Env &env);
  Value checkBinary(const syntax::Expr &expr, Env &env);
  Value checkIf(const syntax::Expr &expr, Env &env);
  Value checkIndex(const syntax::Expr &expr, Env &env);
  Value checkList(const syntax::Expr &expr, Env &env);
  Value checkMember(const syntax::Expr &expr, Env &env);
  ExprPtr matrixProduct(ExprPtr lhs, ExprPtr rhs, Span span);

  CallChecker &callChecker;
  LayerChecker &layerChecker;
  SetChecker &setChecker;
  LetChecker &letChecker;
};

} // namespace advx::sema

#endif
