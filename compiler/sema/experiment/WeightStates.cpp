//===- WeightStates.cpp - States that are weights of a model ----------------===//
//
// `state e : weights(f) per run = weights(f)` is a state for each tensor of the group,
// `e.z.conv1.weight`, so steps, checkpoints and `then` lines meet states of tensors only.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/experiment/StateChecker.h"
#include "compiler/sema/texts/CallChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/Primitives.h"

#include <algorithm>

namespace advx::sema {

bool StateChecker::declareWeights(const syntax::Item &item) {
  const std::string &name = item.name.text, &type = item.type.name.text;
  if (item.type.args.size() != 1 || !item.type.dims.empty()) {
    findings.report(diag::Code::MissingArgument, item.type.span, "a state of weights names a model")
        .label("weights of what?")
        .found("`" + findings.source(item.type.span) + "`")
        .expected("features or a head, as in `" + type + "(f)`")
        .help("write `state " + name + " : " + type + "(f) per run = " + type + "(f)`");
    return false;
  }
  if (item.per.text != "run") {
    findings
        .report(diag::Code::WrongArgument, item.per.empty() ? item.name.span : item.per.span,
                "weights are kept once")
        .label("here")
        .found(item.per.empty() ? "no `per`" : "`per " + item.per.text + "`")
        .expected("`per run`")
        .help("all examples share the weights of a model");
    return false;
  }
  if (!isFree(item))
    return false;
  Env env;
  env.scope = sheet.pageScope;
  Value of = callChecker.weightsOf(*findPrimitive(type), *item.type.args[0], item.type.span, env);
  if (of.isError())
    return false;
  std::vector<State *> states;
  for (const Leaf *leaf : of.group->leaves) {
    State *state = sheet.make<State>();
    state->name = name + "." + leaf->name;
    state->item = name;
    state->type.kind = Type::Kind::Tensor;
    state->type.shape = state->shape = leaf->shape;
    state->copied = leaf;
    state->span = item.span;
    states.push_back(state);
  }
  if (!beginWeights(item, *of.group, states))
    return false;
  Declared &known = declared[name];
  known = {states.front(), item.name.span, of.group, {states.begin(), states.end()}};
  for (const State *state : known.ofLeaves)
    sheet.experiment->states.push_back(state);
  return true;
}

bool StateChecker::beginWeights(const syntax::Item &item, const WeightGroup &group,
                                const std::vector<State *> &states) {
  Env env;
  env.scope = sheet.pageScope;
  env.role = item.name.text;
  const size_t settings = sheet.experiment->settings.size();
  Value value = exprChecker.check(*item.value, env);
  if (value.isError())
    return false;
  auto isOwn = [&](const Value &tensor) {
    const size_t i = static_cast<size_t>(&tensor - value.elements.data());
    return tensor.expr->kind == Expr::Kind::Weight && tensor.expr->leaf == group.leaves[i] &&
           tensor.expr->args[0]->kind == Expr::Kind::Weights;
  };
  if (value.isWeights() && value.group == &group &&
      std::all_of(value.elements.begin(), value.elements.end(), isOwn))
    return true;
  if (!value.isNumber()) {
    findings
        .report(diag::Code::NotConstant, item.value->span,
                "a state of weights begins as the weights of its model")
        .label(value.str())
        .found("`" + findings.source(item.value->span) + "`")
        .expected("`" + group.name + "`, or a number, which every entry begins as")
        .help("write `= " + group.name + "`, and what else it is in a `then` line");
    return false;
  }
  State number;
  settingTable.takeBack(settings); // it is read once more
  if (!begin(item, number))
    return false;
  for (State *state : states) {
    state->init = number.init;
    state->copied = nullptr;
  }
  return true;
}

bool StateChecker::isOfWeights(const std::string &name) const {
  auto known = declared.find(name);
  return known != declared.end() && known->second.group;
}

void StateChecker::updateWeights(const Declared &of, const syntax::Item::Update &line,
                                 const Value &value, std::vector<Outer::Update> &updates) {
  const std::string &name = of.state->item;
  if (line.target->kind == syntax::Expr::Kind::Index) {
    findings
        .report(diag::Code::WrongType, line.target->span, "only an entry of a vector is assigned")
        .label("here")
        .found(of.group->name)
        .expected("`" + name + " := …`")
        .help("assign all of it")
        .note(of.state->span, "declared here");
    return;
  }
  for (const Outer::Update &known : updates)
    if (known.state->item == name)
      return findings.givenTwice(line.target->span, name, known.value->span);
  const Span span = line.value->span;
  if (value.isWeights() && value.group != of.group) {
    const bool isModel = value.group->model != of.group->model;
    findings
        .report(diag::Code::WrongType, span,
                isModel ? "these are weights of another model"
                        : "these weights hold other tensors than the state")
        .label("here")
        .found(value.group->name)
        .expected(of.group->name)
        .help(isModel ? "weights of one model are no weights of another"
                      : "a state keeps its tensors: assign `" + of.group->name +
                            "`, or what is computed from it")
        .note(of.state->span, "declared here");
    return;
  }
  // A number is every entry of each tensor.
  ExprPtr all = value.isWeights() ? nullptr : exprChecker.expectExpr(value, span);
  if (!value.isWeights() && !all)
    return;
  if (all && !all->type.isScalar()) {
    findings.report(diag::Code::WrongType, span, "the value does not fit the state `" + name + "`")
        .label(value.str())
        .found(value.str())
        .expected(of.group->name + ", or a number")
        .help("compute it from `weights(…)`")
        .note(of.state->span, "declared here");
    return;
  }
  for (size_t i = 0; i < of.ofLeaves.size(); ++i) {
    ExprPtr tensor = fit(all ? all : value.elements[i].expr, *of.ofLeaves[i], span);
    if (!tensor)
      return;
    updates.push_back({of.ofLeaves[i], tensor});
  }
}

} // namespace advx::sema
