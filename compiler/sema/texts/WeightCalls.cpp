//===- WeightCalls.cpp - Weights where a page asks for them and where it puts them ---===//

#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/Primitives.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

std::optional<CallChecker::ModelAt> CallChecker::modelAt(const Value &model,
                                                         const syntax::Expr &index, Env &env) {
  const bool isHead = model.kind == Value::Kind::Head;
  const Model &network = isHead ? *model.head->model : *model.model;
  const std::string &name = isHead ? model.head->name : network.name;
  std::optional<Mode> mode;
  ExprPtr weights;
  for (size_t i = 1; i < index.children.size(); ++i) {
    const syntax::Expr &entry = *index.children[i];
    std::optional<Mode> named = entry.kind == Kind::Name ? modeNamed(entry.text) : std::nullopt;
    if (!named && entry.kind == Kind::Name && !env.scope->find(entry.text)) {
      suggestions.unknownMode(entry.text, entry.span);
      return std::nullopt;
    }
    Value value = named ? Value() : exprChecker.check(entry, env);
    if (!named && value.isError())
      return std::nullopt;
    if (named ? mode.has_value() : weights || !value.isWeights()) {
      const bool isSecond = named || value.isWeights();
      findings
          .report(diag::Code::WrongType, entry.span, "a model is applied at weights and in a mode")
          .label(isSecond ? "the second" : value.str())
          .found(isSecond ? "`" + findings.source(entry.span) + "` too" : value.str())
          .expected("weights, as in `" + name + "[w](x)`, `eval`, `batch` or `train`")
          .help("write one of each at most, as in `" + name + "[w, batch](x)`");
      return std::nullopt;
    }
    if (named) {
      mode = named;
      continue;
    }
    weights = weightRules.whole(value, entry.span);
    if (!weights)
      return std::nullopt;
    // Features read nothing of a head; a head reads nothing of another.
    auto has = [](const std::vector<const Leaf *> &leaves, const Leaf *leaf) {
      return std::find(leaves.begin(), leaves.end(), leaf) != leaves.end();
    };
    const WeightGroup &group = *value.group;
    auto foreign = std::find_if(group.leaves.begin(), group.leaves.end(), [&](const Leaf *leaf) {
      return isHead && !has(network.leaves, leaf) && !has(model.head->leaves, leaf);
    });
    if (group.model == &network && foreign == group.leaves.end())
      continue;
    findings.report(diag::Code::WrongType, entry.span, "these are no weights of `" + name + "`")
        .label(group.model == &network ? "with `" + (*foreign)->name + "`"
                                       : "weights of `" + group.model->name + "`")
        .found(group.name)
        .expected("`weights(" + name + ")`, or what is computed from it")
        .help("apply the model that the weights are of")
        .note(isHead ? model.head->span : network.span, "`" + name + "` is declared here");
    return std::nullopt;
  }
  return ModelAt{mode.value_or(env.mode), weights};
}

Value CallChecker::checkWeights(const PrimitiveInfo &info, const syntax::Expr &call, Env &env) {
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(info.params, info.required, call.args, 0, call.span, info.name, Span(),
                            bound))
    return Value::error();
  return weightsOf(info, *bound[0]->value, call.span, env);
}

Value CallChecker::weightsOf(const PrimitiveInfo &info, const syntax::Expr &argument, Span span,
                             Env &env) {
  Value of = exprChecker.check(argument, env);
  if (of.isError())
    return of;
  const bool isModel = of.kind == Value::Kind::Head || of.kind == Value::Kind::Model;
  if (!isModel && !(of.isWeights() && info.primitive != Primitive::Weights)) {
    findings
        .report(diag::Code::WrongType, argument.span,
                "`" + info.name + "` is asked of something else than a model")
        .label(of.str())
        .found(of.str())
        .expected("features or a head, as in `" + info.name + "(f)`")
        .help("name a `features` or `head` line");
    return Value::error();
  }
  if (isModel)
    of = weightRules.weightsOf(of, span);
  return of.isError() || info.primitive == Primitive::Weights ? of
                                                              : weightRules.groupOf(info, of, span);
}

Value CallChecker::objectiveAtWeights(const syntax::Expr &call, const std::string &name,
                                      const Value &objective, Env &env) {
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments({"x"}, 1, call.args, 0, call.span, name, objective.span, bound))
    return Value::error();
  Value point = exprChecker.check(*bound[0]->value, env);
  if (point.isError())
    return point;
  const WeightGroup *moved = env.body->set->set->group;
  if (!point.isWeights() || point.group != moved) {
    findings
        .report(diag::Code::ShapeMismatch, bound[0]->value->span,
                "`" + name + "` is asked at something else than a point")
        .label(point.str())
        .found(point.str())
        .expected(moved->name)
        .help("pass the weights that the solver moves");
    return Value::error();
  }
  ExprPtr whole = weightRules.whole(point, bound[0]->value->span);
  return whole ? Value::of(build.askedAt(whole, false, call.span)) : Value::error();
}

Value CallChecker::checkWeightSum(const PrimitiveInfo &info, const syntax::Expr &call, Env &env) {
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(info.params, info.required, call.args, 0, call.span, info.name, Span(),
                            bound))
    return Value::error();
  ExprPtr value = exprChecker.checkExpr(*bound[0]->value, env);
  if (!value)
    return Value::error();
  if (!env.body || !env.body->weight || env.body->loops || !env.body->conditions.empty()) {
    findings
        .report(diag::Code::MisplacedStatement, call.span,
                "`" + info.name + "` adds up over the weights of an optimiser")
        .label("not in the text of an optimiser, or in a `repeat` or `if` of it")
        .found("`" + findings.source(call.span) + "`")
        .expected("a place where every weight comes by once")
        .help("elsewhere write `sum(w)` of weights, as in `sum(weights(f))`");
    return Value::error();
  }
  if (!value->type.isScalar() || value->type.element != Type::Element::Real) {
    findings.report(diag::Code::WrongType, value->span, "only a number of each weight is added up")
        .label(value->type.str())
        .found(value->type.str())
        .expected("`real`")
        .help("reduce it, as in `sum(v)`");
    return Value::error();
  }
  auto result = std::make_shared<Expr>();
  result->kind = Expr::Kind::WeightSum;
  result->type.kind = Type::Kind::Tensor;
  result->args = {value};
  result->span = call.span;
  return Value::of(result);
}

Value CallChecker::bindWeights(const Value &weights, const syntax::Name &name, Span span,
                               std::vector<Stmt> &stmts) {
  Stmt let;
  let.kind = Stmt::Kind::Let;
  let.span = span;
  let.value = weightRules.whole(weights, span);
  if (!let.value)
    return Value::error();
  let.local = sheet.local(name.text, let.value->type, name.span);
  Value result = weightRules.ofWhole(build.localRef(let.local, span));
  stmts.push_back(std::move(let));
  return result;
}

} // namespace advx::sema
