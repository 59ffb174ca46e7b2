//===- EvaluatedModel.cpp - `evaluate … with f[w]` --------------------------===//

#include "compiler/sema/Visit.h"
#include "compiler/sema/adversaries/AdversaryChecker.h"
#include "compiler/sema/experiment/EvaluationChecker.h"
#include "compiler/sema/experiment/StateChecker.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

/// Whether the value is there for an image that no step trains on.
bool EvaluationChecker::isOfEvaluation(const Block &weights, const syntax::Expr &with) {
  std::string found;
  Span declared;
  visitExprs(weights, [&](const Expr &part) {
    if (part.kind != Expr::Kind::Local)
      return;
    for (const Local *local : {sheet.experiment->x, sheet.experiment->y})
      if (part.local == local)
        found = local->name;
    for (const Adversary *inner : sheet.experiment->inner)
      if (part.local == inner->variable) {
        found = inner->variable->name;
        declared = inner->span;
      }
  });
  const State *rows = findRows(weights.stmts);
  if (!rows)
    rows = findRows(weights.value);
  if (rows) {
    found = rows->name;
    declared = rows->span;
  }
  if (found.empty())
    return true;
  findings
      .report(diag::Code::UnusedVariable, with.span,
              "an evaluation is of weights that are the same for all images")
      .label("read here, or in a `let` that it reads")
      .found("`" + found + "`")
      .expected("weights of the model, numbers, and states `per run`")
      .help("keep weights from step to step, as in `state e : weights(f) per run = weights(f)`")
      .note(declared, "declared here");
  return false;
}

std::optional<EvaluatedModel> EvaluationChecker::checkWith(const syntax::Expr &with,
                                                           const std::string &evaluation) {
  PageEnv env(sheet.pageScope);
  const syntax::Expr &base = with.kind == Kind::Index ? *with.children[0] : with;
  Value model = base.kind == Kind::Name ? exprChecker.check(base, env) : Value();
  const bool isModel = model.kind == Value::Kind::Head || model.kind == Value::Kind::Model;
  if (model.kind == Value::Kind::Error && base.kind == Kind::Name)
    return std::nullopt;
  if (with.kind != Kind::Index || model.kind != Value::Kind::Head) {
    const std::string known =
        sheet.experiment->heads.empty() ? "f" : sheet.experiment->heads.front()->name;
    findings.report(diag::Code::WrongKind, with.span, "`with` names a head at other weights")
        .label(with.kind == Kind::Index && isModel ? "features, which judge no image" : "here")
        .found("`" + findings.source(with.span) + "`")
        .expected("`" + known + "[w]`, at weights w")
        .help(with.kind == Kind::Index && isModel
                  ? "write `" + known + "[…]`: what the weights lack is that of `" + known + "`"
              : with.kind == Kind::Index ? "name a `head` of the page"
                                         : "leave `with` out, or name the weights, as in `" +
                                               known + "[e]` of a `state e : weights(" + known +
                                               ") per run = weights(" + known + ")`");
    return std::nullopt;
  }
  std::optional<CallChecker::ModelAt> at = callChecker.modelAt(model, with, env);
  if (!at)
    return std::nullopt;
  const syntax::Expr *mode = nullptr, *weights = nullptr;
  for (size_t i = 1; i < with.children.size(); ++i) {
    const syntax::Expr &entry = *with.children[i];
    (entry.kind == Kind::Name && modeNamed(entry.text) ? mode : weights) = &entry;
  }
  const std::string &name = model.head->name;
  if (!at->weights) {
    findings.report(diag::Code::MissingArgument, with.span, "`with` names no weights")
        .label("at which weights?")
        .found("`" + findings.source(with.span) + "`")
        .expected("`" + name + "[w]`, at weights w")
        .help("leave `with` out: an evaluation is of `" + name + "` at its own weights");
    return std::nullopt;
  }
  if (mode && at->mode != Mode::Eval) {
    findings.report(diag::Code::UnknownMode, mode->span, "an evaluation judges in eval mode")
        .label("another mode")
        .found("`" + mode->text + "`")
        .expected("`" + name + "[w]`, or `" + name + "[w, eval]`")
        .help("remove it: `" + name + "[w]` has running statistics that are estimated for w, `" +
              name + "[w, eval]` those of `" + name + "`");
    return std::nullopt;
  }
  EvaluatedModel result;
  result.head = model.head;
  result.text = findings.source(with.span);
  result.evaluation = evaluation;
  if (weights->kind == Kind::Name && stateChecker.isOfWeights(weights->text))
    result.state = weights->text;
  const Model &network = *model.head->model;
  const bool hasStatistics = std::any_of(network.leaves.begin(), network.leaves.end(),
                                         [](const Leaf *leaf) { return leaf->isBuffer; });
  // A frozen model keeps its statistics, at whatever weights.
  if (hasStatistics)
    result.statistics = mode || network.frozen ? EvaluatedModel::Statistics::Own
                                               : EvaluatedModel::Statistics::Estimated;
  finishBlock(result.weights, env, at->weights);
  return isOfEvaluation(result.weights, with) ? std::optional(std::move(result)) : std::nullopt;
}

} // namespace advx::sema
