//===- ExprChecker.cpp - Expressions by their kind: names, lists, choices ------===//

#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/experiment/LetChecker.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/LayerChecker.h"
#include "compiler/sema/texts/Literals.h"
#include "compiler/sema/texts/MemberChecker.h"
#include "compiler/sema/texts/OperatorChecker.h"
#include "compiler/sema/types/Primitives.h"

namespace advx::sema {

using Kind = syntax::Expr::Kind;

Value ExprChecker::check(const syntax::Expr &expr, Env &env) {
  switch (expr.kind) {
  case Kind::Name:
    return checkName(expr, env);
  case Kind::Number: {
    std::optional<Rational> value = Rational::parse(expr.text);
    if (!value) // Said by the parser.
      return Value::error();
    return Value::of(build.number(*value, expr.span,
                                  value->isInteger() ? Type::Element::Int : Type::Element::Real));
  }
  case Kind::Bool:
    return Value::of(build.boolean(expr.text == "true", expr.span));
  case Kind::String: {
    Value value;
    value.kind = Value::Kind::Text;
    value.text = expr.text;
    value.span = expr.span;
    return value;
  }
  case Kind::Unary:
    return operatorChecker.checkUnary(expr, env);
  case Kind::Binary:
    return operatorChecker.checkBinary(expr, env);
  case Kind::If:
    return checkIf(expr, env);
  case Kind::Call:
    if (const Value *accuracy = measured(expr, env))
      return *accuracy;
    return callChecker.checkCall(expr, env);
  case Kind::Index:
    return checkIndex(expr, env);
  case Kind::List:
    return checkList(expr, env);
  case Kind::Member:
    if (const Value *accuracy = measured(expr, env))
      return *accuracy;
    return memberChecker.check(expr, env);
  case Kind::Map:
    findings.report(diag::Code::WrongType, expr.span, "a map is no value")
        .label("here")
        .found("`{ … }`")
        .expected("a number or a tensor")
        .help("maps stand after `rename` only");
    return Value::error();
  case Kind::Argmax:
  case Kind::Best:
  case Kind::Worst:
    findings
        .report(diag::Code::WrongType, expr.span, "an adversary cannot stand inside an expression")
        .label("an adversary")
        .found("`" + findings.source(expr.textSpan.isValid() ? expr.textSpan : expr.span) + "`")
        .expected("a number or a tensor")
        .help("bind it with `inner x' = …` or list it in `evaluate`");
    return Value::error();
  }
  return Value::error();
}

/// What `stop when` has named: `val.clean` and `previous(val.clean)`.
const Value *ExprChecker::measured(const syntax::Expr &expr, const Env &env) {
  const bool isCall = expr.kind == Kind::Call;
  if (isCall && (expr.children[0]->kind != Kind::Name || expr.children[0]->text != "previous" ||
                 expr.args.size() != 1))
    return nullptr;
  const syntax::Expr &line = isCall ? *expr.args[0].value : expr;
  if (line.kind != Kind::Member || line.children[0]->kind != Kind::Name)
    return nullptr;
  return env.scope->find((isCall ? "previous " : "") + line.children[0]->text + "." + line.text);
}

ExprPtr ExprChecker::expectExpr(const Value &value, Span span) {
  if (value.isExpr())
    return value.expr;
  if (value.isError() || value.kind == Value::Kind::Unsupported)
    return nullptr;
  if (value.kind == Value::Kind::List)
    return literals.tensorOf(value, span);
  findings.report(diag::Code::WrongType, span, "a number or tensor is needed here")
      .label(value.str())
      .found(value.str())
      .expected("a number or a tensor")
      .help(value.kind == Value::Kind::Head || value.kind == Value::Kind::Model
                ? "apply it, as in `f(x)`"
            : value.kind == Value::Kind::Layer ? "apply it to its input"
            : value.isWeights() ? "reduce them, as in `norm(w)`, or apply the model, `f[w](x)`"
                                : "use a value");
  return nullptr;
}

ExprPtr ExprChecker::checkExpr(const syntax::Expr &expr, Env &env) {
  return expectExpr(check(expr, env), expr.span);
}

std::vector<Value> ExprChecker::checkParts(const syntax::Expr &expr, size_t count, Env &env) {
  Value value = check(expr, env);
  if (value.isError())
    return {};
  std::vector<Value> parts;
  if (value.kind == Value::Kind::List) {
    parts = value.elements;
  } else if (value.isTensor() && value.expr->type.shape.size() == 1 && !value.expr->type.anyShape &&
             value.expr->type.shape[0] == static_cast<int64_t>(count)) {
    for (size_t i = 0; i < count; ++i)
      parts.push_back(Value::of(vectors.entryAt(
          value.expr, build.number(Rational(static_cast<int64_t>(i)), expr.span), expr.span)));
  }
  if (parts.size() == count)
    return parts;
  const std::string names = std::to_string(count);
  findings.report(diag::Code::WrongType, expr.span, "this does not come in " + names + " parts")
      .label(value.str())
      .found(value.str())
      .expected("a list of " + names + " values, or `vector[" + names + "]`")
      .help("name as many values as there are");
  return {};
}

Value ExprChecker::checkName(const syntax::Expr &expr, Env &env) {
  if (const Value *value = uses.find(*env.scope, expr)) {
    if (value->kind == Value::Kind::PageLet)
      return letChecker.pageLet(value->index, expr.span, env);
    if (value->kind == Value::Kind::WeightOf) {
      Value weights = check(*value->written, env);
      return weights.isWeights() ? weights.elements[value->index] : Value::error();
    }
    if (value->isWeights() && value->expr) {
      auto copy = std::make_shared<Expr>(*value->expr);
      copy->span = expr.span;
      return weightRules.ofWhole(std::move(copy));
    }
    if (value->isExpr() && value->expr->kind == Expr::Kind::Local) {
      Value result = Value::of(build.localRef(value->expr->local, expr.span));
      return result;
    }
    if (value->isExpr()) {
      // The place of the use, so that messages point at it.
      auto copy = std::make_shared<Expr>(*value->expr);
      copy->span = expr.span;
      reports.noteNumber(expr.span, copy);
      return Value::of(copy);
    }
    return *value;
  }
  uint32_t file = env.scope->file;
  Value result;
  result.span = expr.span;
  result.text = expr.text;
  if (expr.text == "identity") {
    result.kind = Value::Kind::Layer;
    result.layer = layerChecker.newLayer();
    result.layer->span = expr.span;
    return result;
  }
  result.decls = program.find(Decl::Kind::Fn, expr.text, file);
  if (!result.decls.empty())
    uses.note(expr.span, result.decls.front()->name.span);
  const PrimitiveInfo *primitive = findPrimitive(expr.text);
  if (!result.decls.empty() || (primitive && primitive->rule != PrimitiveInfo::Rule::Form)) {
    result.kind = Value::Kind::Function;
    return result;
  }
  if (!program.find(Decl::Kind::Network, expr.text, file).empty() || findLayer(expr.text)) {
    findings
        .report(diag::Code::MissingArgument, expr.span,
                "`" + expr.text + "` is a network and needs its arguments")
        .label("not called")
        .found("`" + expr.text + "`")
        .expected("`" + expr.text + "(…)`")
        .help("write the parentheses even where every argument has a default");
    return Value::error();
  }
  suggestions.unknownName(expr, env);
  return Value::error();
}

Value ExprChecker::checkIf(const syntax::Expr &expr, Env &env) {
  Value given = check(*expr.children[0], env);
  ExprPtr condition =
      given.isWeights() ? given.elements.front().expr : expectExpr(given, expr.children[0]->span);
  if (!condition)
    return Value::error();
  if (condition->kind == Expr::Kind::Bool)
    return check(*expr.children[condition->value == Rational(1) ? 1 : 2], env);
  Value a = check(*expr.children[1], env), b = check(*expr.children[2], env);
  if (a.isError() || b.isError())
    return Value::error();
  if (a.kind == Value::Kind::Layer || b.kind == Value::Kind::Layer) {
    std::optional<Rational> known = build.evaluate(condition);
    settingTable.fix(condition);
    if (known)
      return *known != Rational(0) ? a : b;
    findings
        .report(diag::Code::NotConstant, condition->span,
                "a choice between networks must be known when compiling")
        .label("changes while running")
        .found(condition->type.str())
        .expected("a condition over constants and `channels_in`")
        .help("use constants");
    return Value::error();
  }
  // Between tensors of two shapes the page's numbers decide, as between networks.
  if (a.isTensor() && b.isTensor() && !a.expr->type.isScalar() && !b.expr->type.isScalar() &&
      a.expr->type.shape != b.expr->type.shape)
    if (std::optional<Rational> known = build.evaluate(condition)) {
      settingTable.fix(condition);
      return *known != Rational(0) ? a : b;
    }
  auto choose = [&](const ExprPtr &which, const Value &yes, const Value &no) {
    return Value::of(build.select(which, expectExpr(yes, expr.children[1]->span),
                                  expectExpr(no, expr.children[2]->span), expr.span));
  };
  if (a.isWeights() || b.isWeights() || given.isWeights())
    return weightRules.each({given, a, b}, expr.span, [&](std::vector<Value> at) {
      return choose(at[0].expr, at[1], at[2]);
    });
  return choose(condition, a, b);
}

Value ExprChecker::checkList(const syntax::Expr &expr, Env &env) {
  Value list;
  list.kind = Value::Kind::List;
  list.span = expr.span;
  for (const syntax::Arg &arg : expr.args) {
    if (arg.key) {
      findings.report(diag::Code::WrongType, arg.span, "`:` has no meaning in this list")
          .label("a pair")
          .expected("plain values; pairs stand in `piecewise(v, [epoch: value])`")
          .help("write the value alone");
      return Value::error();
    }
    Value element = check(*arg.value, env);
    if (element.isError())
      return element;
    list.elements.push_back(std::move(element));
  }
  return list;
}

/// `x[perm]`: what other examples have for x.
ExprPtr ExprChecker::takeExamples(const ExprPtr &value, const ExprPtr &places, Span span) {
  if (!value->type.perExample) // the same for all
    return value;
  return build.node(Op::TakeExamples, {value, places}, value->type, span);
}

Value ExprChecker::checkIndex(const syntax::Expr &expr, Env &env) {
  const syntax::Expr &base = *expr.children[0];
  if (base.kind == Kind::Name) {
    const Value *value = uses.find(*env.scope, base);
    if (value && (value->kind == Value::Kind::Head || value->kind == Value::Kind::Model)) {
      findings.report(diag::Code::WrongType, expr.span, "a model in a mode must be applied")
          .label("not applied")
          .found("`" + findings.source(expr.span) + "`")
          .expected("`" + findings.source(expr.span) + "(x)`")
          .help("apply it to an image");
      return Value::error();
    }
  }
  ExprPtr value = checkExpr(base, env);
  if (expr.children.size() != 2) {
    findings.unsupported(expr.span, "an index of several axes");
    return Value::error();
  }
  ExprPtr index = checkExpr(*expr.children[1], env);
  if (value && index && index->type.places)
    return Value::of(takeExamples(value, index, expr.span));
  return Value::of(vectors.entryAt(value, index, expr.span));
}

} // namespace advx::sema
