//===- OperatorChecker.cpp - Operators before and between values --------------===//

#include "compiler/sema/texts/OperatorChecker.h"
#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/LayerChecker.h"
#include "compiler/sema/texts/Remainders.h"
#include "compiler/sema/types/Primitives.h"

namespace advx::sema {

using Kind = syntax::Expr::Kind;

Value OperatorChecker::checkUnary(const syntax::Expr &expr, Env &env) {
  const syntax::Expr &operand = *expr.children[0];
  if (expr.text == "fresh") {
    const syntax::Expr *callee = operand.kind == Kind::Call ? operand.children[0].get() : nullptr;
    if (callee && callee->kind == Kind::Index)
      callee = callee->children[0].get();
    const Value *model =
        callee && callee->kind == Kind::Name ? env.scope->find(callee->text) : nullptr;
    if (!model || (model->kind != Value::Kind::Head && model->kind != Value::Kind::Model)) {
      findings
          .report(diag::Code::WrongType, expr.span, "`fresh` asks for one more forward of a model")
          .label("applied to something else")
          .found("`" + findings.source(operand.span) + "`")
          .expected("an application of features or a head, as in `fresh f(x)`")
          .help("remove `fresh`");
      return Value::error();
    }
    if (!callChecker.freshNumbers.count(&operand))
      callChecker.freshNumbers[&operand] =
          static_cast<unsigned>(callChecker.freshNumbers.size()) + 1;
    return callChecker.checkCall(operand, env);
  }
  Value value = exprChecker.check(operand, env);
  auto apply = [&](const Value &to) {
    return Value::of(build.elementwise(expr.text == "not" ? Op::LogicalNot : Op::Neg,
                                       {exprChecker.expectExpr(to, operand.span)}, expr.span));
  };
  return value.isWeights() ? weightRules.each({value}, expr.span,
                                              [&](std::vector<Value> at) { return apply(at[0]); })
                           : apply(value);
}

Value OperatorChecker::checkBinary(const syntax::Expr &expr, Env &env) {
  const std::string &op = expr.text;
  if (op == ">>")
    return layerChecker.makeChain(exprChecker.check(*expr.children[0], env),
                                  exprChecker.check(*expr.children[1], env), expr.span);
  if (op == "&")
    return setChecker.checkSet(expr, env);
  if (op == ".." || op == "where" || op == "in") {
    Span place = expr.textSpan.isValid() ? expr.textSpan : expr.span;
    findings.unsupported(place, "`" + op + "` in an expression");
    return Value::error();
  }
  if (op == "mod")
    return remainders.check(expr, env);
  Value left = exprChecker.check(*expr.children[0], env);
  Value right = exprChecker.check(*expr.children[1], env);
  if (left.kind == Value::Kind::Head || left.kind == Value::Kind::Unsupported ||
      right.kind == Value::Kind::Unsupported)
    if (left.kind != Value::Kind::Head)
      return Value::error();
  if (left.kind == Value::Kind::Set && right.kind == Value::Kind::Set) {
    findings
        .report(diag::Code::WrongType, expr.textSpan.isValid() ? expr.textSpan : expr.span,
                "sets are not joined by `" + op + "`")
        .label("between two sets")
        .found("`" + op + "`")
        .expected("`&`, the points of both")
        .help("write `" + findings.source(expr.children[0]->span) + " & " +
              findings.source(expr.children[1]->span) + "`");
    return Value::error();
  }
  if (left.isWeights() && right.isWeights() && (op == "+" || op == "-"))
    return weightRules.sum(left, right, op == "-", expr.span);
  if (left.isWeights() || right.isWeights())
    return weightRules.each({left, right}, expr.span, [&](std::vector<Value> sides) {
      return between(expr, sides[0], sides[1]);
    });
  return between(expr, left, right);
}

Value OperatorChecker::between(const syntax::Expr &expr, const Value &left, const Value &right) {
  const std::string &op = expr.text;
  ExprPtr lhs = exprChecker.expectExpr(left, expr.children[0]->span);
  ExprPtr rhs = exprChecker.expectExpr(right, expr.children[1]->span);
  if (!lhs || !rhs)
    return Value::error();
  if (std::optional<Op> entrywise = findOperator(op))
    return Value::of(build.elementwise(*entrywise, {lhs, rhs}, expr.span));
  if (std::optional<Predicate> comparison = findComparison(op))
    return Value::of(labels.compare(*comparison, lhs, rhs, expr.span));
  if (op == "@")
    return Value::of(vectors.product(lhs, rhs, expr.span));
  if (op == "except")
    return checkExcept(std::move(lhs), std::move(rhs), expr.span);
  return Value::error();
}

/// `l except y`: the entry of y lies below every other.
Value OperatorChecker::checkExcept(ExprPtr lhs, ExprPtr rhs, Span span) {
  syntax::TypeExpr wanted;
  wanted.name.text = "label";
  if (lhs->type.isTensor())
    rhs = labels.asLabel(wanted, Value::of(rhs), rhs->span).expr;
  if (!rhs)
    return Value::error();
  if (lhs->type.isTensor() && lhs->type.shape.size() == 1 &&
      rhs->type.element == Type::Element::Int && rhs->type.isTensor()) {
    ExprPtr mask = vectors.mask(rhs, lhs->type.shape[0], span);
    return Value::of(build.select(mask, build.minusInfinity(span), lhs, span));
  }
  if (lhs->type.isNumber()) {
    findings.unsupported(span, "a range of classes (`classes except y`)");
    return Value::error();
  }
  findings.report(diag::Code::WrongType, span, "`except` masks one class of a vector")
      .label("here")
      .found(lhs->type.str() + " except " + rhs->type.str())
      .expected("a vector except a label")
      .help("as in `max(l except y)`");
  return Value::error();
}

} // namespace advx::sema
