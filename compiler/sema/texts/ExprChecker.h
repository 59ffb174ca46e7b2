#ifndef ADVX_SEMA_TEXTS_EXPRCHECKER_H
#define ADVX_SEMA_TEXTS_EXPRCHECKER_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class CallChecker;
class LayerChecker;
class LetChecker;
class Literals;
class MemberChecker;
class OperatorChecker;

/// Expressions of pages and texts.
class ExprChecker : Room {
public:
  ExprChecker(const Tools &tools, OperatorChecker &operatorChecker, MemberChecker &memberChecker,
              CallChecker &callChecker, LayerChecker &layerChecker, LetChecker &letChecker,
              Literals &literals)
      : Room(tools), operatorChecker(operatorChecker), memberChecker(memberChecker),
        callChecker(callChecker), layerChecker(layerChecker), letChecker(letChecker),
        literals(literals) {}

  Value check(const syntax::Expr &expr, Env &env);
  ExprPtr checkExpr(const syntax::Expr &expr, Env &env);
  ExprPtr expectExpr(const Value &value, Span span);
  /// The values of `let (a, b) = e`: those of a list, or the entries of a vector. Of another number
  /// than `count` after a report.
  std::vector<Value> checkParts(const syntax::Expr &expr, size_t count, Env &env);

private:
  const Value *measured(const syntax::Expr &expr, const Env &env);
  Value checkName(const syntax::Expr &expr, Env &env);
  Value checkIf(const syntax::Expr &expr, Env &env);
  Value checkIndex(const syntax::Expr &expr, Env &env);
  ExprPtr takeExamples(const ExprPtr &value, const ExprPtr &places, Span span);
  Value checkList(const syntax::Expr &expr, Env &env);

  OperatorChecker &operatorChecker;
  MemberChecker &memberChecker;
  CallChecker &callChecker;
  LayerChecker &layerChecker;
  LetChecker &letChecker;
  Literals &literals;
};

} // namespace advx::sema

#endif
