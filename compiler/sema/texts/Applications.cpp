//===- Applications.cpp - Models and heads applied, and derivatives ------===//

#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/Primitives.h"

#include <algorithm>

namespace advx::sema {

ExprPtr CallChecker::apply(const Model &model, ExprPtr input, Mode mode, unsigned occurrence,
                           Span span, ExprPtr weights) {
  if (!input)
    return nullptr;
  if (input->type.shape != model.input->type.shape || !input->type.isTensor() ||
      input->type.element != Type::Element::Real) {
    findings.report(diag::Code::ShapeMismatch, input->span, "`" + model.name + "` takes images")
        .label(input->type.str())
        .found(input->type.str())
        .expected(model.input->type.str())
        .help("apply it to `x` or to a point of its set")
        .note(model.span, "`" + model.name + "` is declared here");
    return nullptr;
  }
  auto result = std::make_shared<Expr>();
  result->kind = Expr::Kind::Apply;
  result->model = &model;
  result->name = model.name;
  result->mode = model.frozen ? Mode::Eval : mode;
  result->occurrence = occurrence;
  result->type = model.forward.value->type;
  result->type.perExample = input->type.perExample;
  result->args = {std::move(input)};
  if (weights)
    result->args.push_back(std::move(weights));
  result->span = span;
  return result;
}

Value CallChecker::applyModel(const Model &model, const syntax::Expr &call, const ModelAt &at,
                              Env &env, bool fresh) {
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments({"x"}, 1, call.args, 0, call.span, model.name, model.span, bound))
    return Value::error();
  return Value::of(apply(model, exprChecker.checkExpr(*bound[0]->value, env), at.mode,
                         fresh ? freshNumbers[&call] : 0, call.span, at.weights));
}

Value CallChecker::applyHead(const Head &head, const syntax::Expr &call, const ModelAt &at,
                             Env &env, bool fresh) {
  if (call.args.empty() || !call.args[0].name.empty() || call.args[0].key) {
    findings.report(diag::Code::MissingArgument, call.span, "`" + head.name + "` needs an image")
        .label("missing argument")
        .found(std::to_string(call.args.size()) + " arguments")
        .expected("`" + head.name + "(x)`, `" + head.name + "(x | y)` or `" + head.name +
                  "(x, parameter = value)`")
        .help("apply it to `x`")
        .note(head.span, "`" + head.name + "` is declared here");
    return Value::error();
  }
  ExprPtr z = apply(*head.model, exprChecker.checkExpr(*call.args[0].value, env), at.mode,
                    fresh ? freshNumbers[&call] : 0, call.span, at.weights);
  std::vector<std::string> names;
  names.reserve(head.numbers.size());
  for (const Local *parameter : head.numbers)
    names.push_back(parameter->name);
  std::vector<const syntax::Arg *> bound;
  bool ok = binder.bindArguments(names, 0, call.args, 1, call.span, head.name, head.span, bound);
  auto result = std::make_shared<Expr>();
  result->kind = Expr::Kind::Logits;
  result->head = &head;
  result->name = head.name;
  result->span = call.span;
  result->args = {z};
  for (size_t i = 0; i < names.size(); ++i) {
    ExprPtr value = head.numberValues[i];
    if (ok && bound[i]) {
      value = exprChecker.checkExpr(*bound[i]->value, env);
      if (value && (!value->type.isNumber() || value->type.element == Type::Element::Bool)) {
        const bool tensor = value->type.isTensor() && value->type.isScalar();
        findings
            .report(diag::Code::WrongType, bound[i]->value->span,
                    "`" + names[i] + "` of `" + head.name + "` is one number for all examples")
            .label(tensor ? "computed from tensors" : value->type.str())
            .found(tensor ? "`" + findings.source(bound[i]->value->span) + "`" : value->type.str())
            .expected("a number of the page, or a schedule of `epoch` and `iteration`")
            .help("pass one number")
            .note(head.span, "`" + head.name + "` is declared here");
        value = nullptr;
      }
    }
    ok &= value != nullptr;
    result->args.push_back(value);
  }
  if (const syntax::Expr *given = call.args[0].given.get()) {
    syntax::TypeExpr label;
    label.name.text = "label";
    ExprPtr y =
        labels.asLabel(label, Value::of(exprChecker.checkExpr(*given, env)), given->span).expr;
    Scope scratch(sheet.rootScope);
    std::string expected;
    if (y && !typeRules.fits(label, Value::of(y), scratch, expected)) {
      findings.report(diag::Code::WrongType, given->span, "logits are given a label")
          .label(y->type.str())
          .found(y->type.str())
          .expected("`label`")
          .help("write `" + head.name + "(x | y)`");
      y = nullptr;
    }
    // A head without such a text has the same logits, whatever they are given.
    const bool isText = head.logitsGiven != head.logits;
    if (y && isText && y->type.element != Type::Element::Int && !head.logitsGivenDistribution &&
        !sheet.givenDistribution.at(&head)())
      y = nullptr;
    ok &= y != nullptr;
    if (y && (isText || y->type.element == Type::Element::Int)) {
      result->given = true;
      result->args.push_back(y);
    }
  }
  if (!ok || !z)
    return Value::error();
  result->type = head.logits->type;
  for (const ExprPtr &arg : result->args)
    result->type.perExample |= arg->type.perExample;
  return Value::of(result);
}

Value CallChecker::checkGradient(const PrimitiveInfo &info, const syntax::Expr &call, Env &env) {
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(info.params, info.required, call.args, 0, call.span, info.name, Span(),
                            bound))
    return Value::error();
  Value value = exprChecker.check(*bound[0]->value, env);
  Value point = exprChecker.check(*bound[1]->value, env);
  if (value.isError() || point.isError())
    return Value::error();
  const bool isReal = point.isTensor() && point.expr->type.element == Type::Element::Real;
  if (!point.expr || point.expr->kind != Expr::Kind::Local || !(isReal || point.isWeights())) {
    findings
        .report(diag::Code::WrongType, bound[1]->value->span,
                "a gradient is taken with respect to a name")
        .label("not a name of a tensor of reals or of weights")
        .found("`" + findings.source(bound[1]->value->span) + "`")
        .expected("a name such as `x'`, bound by `let`, `var` or the problem")
        .help("bind the expression with `let` and differentiate with respect to that name");
    return Value::error();
  }
  auto result = std::make_shared<Expr>();
  result->span = call.span;
  result->type = point.expr->type;
  if (value.kind == Value::Kind::Loss) {
    result->kind = Expr::Kind::LossGradient;
    if (!env.body || point.expr->local != env.body->weight) {
      findings
          .report(diag::Code::WrongType, bound[1]->value->span,
                  "the loss is differentiated with respect to the weight")
          .label("another name")
          .found("`" + findings.source(bound[1]->value->span) + "`")
          .expected("the name after `at`")
          .help("use that name");
      return Value::error();
    }
    return Value::of(result);
  }
  ExprPtr e = exprChecker.expectExpr(value, bound[0]->value->span);
  if (!e)
    return Value::error();
  if (!e->type.isTensor() || !e->type.isScalar() || e->type.element != Type::Element::Real) {
    findings.report(diag::Code::WrongType, e->span, "only a scalar has a gradient here")
        .label(e->type.str())
        .found(e->type.str())
        .expected("`real`, one number for each example")
        .help("reduce it, as in `sum(v)`");
    return Value::error();
  }
  result->kind = Expr::Kind::Gradient;
  result->args = {e};
  result->local = point.expr->local;
  return point.isWeights() ? weightRules.ofWhole(result) : Value::of(result);
}

} // namespace advx::sema
