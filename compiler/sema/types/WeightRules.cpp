//===- WeightRules.cpp - Weights as values of the language --------------------===//

#include "compiler/sema/types/WeightRules.h"
#include "compiler/sema/scopes/Findings.h"
#include "compiler/sema/scopes/Sheet.h"
#include "compiler/sema/types/Expressions.h"
#include "compiler/sema/types/Primitives.h"

#include <algorithm>

namespace advx::sema {

const WeightGroup *WeightRules::group(const Model &model, std::vector<const Leaf *> leaves,
                                      const std::string &name) {
  const WeightGroup *&known = groups[leaves];
  if (!known) {
    auto *made = sheet.make<WeightGroup>();
    made->name = name;
    made->model = &model;
    made->leaves = std::move(leaves);
    known = made;
  }
  return known;
}

Value WeightRules::bundle(const WeightGroup &group, std::vector<Value> elements, Span span) {
  Value value;
  value.kind = Value::Kind::Weights;
  value.span = span;
  value.group = &group;
  value.elements = std::move(elements);
  return value;
}

Value WeightRules::ofWhole(ExprPtr whole) {
  if (!whole)
    return Value::error();
  const WeightGroup &group = *whole->type.group;
  std::vector<Value> elements;
  for (size_t i = 0; i < group.leaves.size(); ++i) {
    auto tensor = std::make_shared<Expr>();
    tensor->kind = Expr::Kind::Weight;
    tensor->type.kind = Type::Kind::Tensor;
    tensor->type.shape = group.leaves[i]->shape;
    tensor->leaf = group.leaves[i];
    tensor->name = group.leaves[i]->name;
    tensor->args = {whole};
    tensor->span = whole->span;
    elements.push_back(Value::of(std::move(tensor)));
  }
  Value value = bundle(group, std::move(elements), whole->span);
  value.expr = std::move(whole);
  return value;
}

Value WeightRules::weightsOf(const Value &model, Span span) {
  std::vector<const Leaf *> leaves;
  auto add = [&](const std::vector<const Leaf *> &more) {
    for (const Leaf *leaf : more)
      if (!leaf->isBuffer)
        leaves.push_back(leaf);
  };
  const Model *network = model.kind == Value::Kind::Head ? model.head->model : model.model;
  add(network->leaves);
  if (model.kind == Value::Kind::Head)
    add(model.head->leaves);
  const std::string &name = model.kind == Value::Kind::Head ? model.head->name : network->name;
  if (leaves.empty()) {
    findings.report(diag::Code::WrongType, span, "`" + name + "` has no weights")
        .label("here")
        .found("`" + name + "`")
        .expected("a network or head with parameters")
        .help("use another model");
    return Value::error();
  }
  auto whole = std::make_shared<Expr>();
  whole->kind = Expr::Kind::Weights;
  whole->model = network;
  whole->type.kind = Type::Kind::Weights;
  whole->type.group = group(*network, std::move(leaves), "weights(" + name + ")");
  whole->span = span;
  return ofWhole(whole);
}

Value WeightRules::groupOf(const PrimitiveInfo &which, const Value &weights, Span span) {
  auto belongs = [&](const Leaf &leaf) {
    const bool isMatrix = leaf.shape.size() >= 2;
    switch (which.primitive) {
    case Primitive::Matrices:
      return isMatrix;
    case Primitive::Norms:
      return leaf.isNorm;
    default:
      return !isMatrix && !leaf.isNorm;
    }
  };
  std::vector<const Leaf *> leaves;
  std::vector<Value> elements;
  for (size_t i = 0; i < weights.group->leaves.size(); ++i)
    if (belongs(*weights.group->leaves[i])) {
      leaves.push_back(weights.group->leaves[i]);
      elements.push_back(weights.elements[i]);
    }
  const std::string written = findings.source(span);
  if (leaves.empty()) {
    findings.report(diag::Code::WrongType, span, "`" + written + "` are none")
        .label("no tensor of " + weights.group->name + " is one")
        .found("no " + which.meaning)
        .expected("at least one tensor")
        .help("leave the group out, or name another");
    return Value::error();
  }
  return bundle(*group(*weights.group->model, std::move(leaves), written), std::move(elements),
                span);
}

bool WeightRules::isNumbers(const Value &weights) {
  return std::any_of(weights.elements.begin(), weights.elements.end(), [&](const Value &element) {
    const size_t i = &element - weights.elements.data();
    return element.expr->type.isNumber() || element.expr->type.element != Type::Element::Real ||
           element.expr->type.shape != weights.group->leaves[i]->shape;
  });
}

ExprPtr WeightRules::whole(const Value &weights, Span span) {
  if (weights.isError())
    return nullptr;
  if (weights.expr)
    return weights.expr;
  if (isNumbers(weights)) {
    findings.report(diag::Code::WrongType, span, "one number for each tensor is no weights")
        .label(weights.str())
        .found("`" + findings.source(span) + "`")
        .expected("a tensor for each of " + weights.group->name)
        .help("multiply weights by it, as in `radius(V) * steepest(V, g)`");
    return nullptr;
  }
  auto result = std::make_shared<Expr>();
  result->kind = Expr::Kind::Bundle;
  result->type.kind = Type::Kind::Weights;
  result->type.group = weights.group;
  result->span = span;
  // Tensors of one value in its order are that value.
  ExprPtr same;
  for (const Value &element : weights.elements) {
    const ExprPtr &tensor = element.expr;
    ExprPtr from = tensor->kind == Expr::Kind::Weight ? tensor->args[0] : nullptr;
    if (result->args.empty())
      same = from && from->type.group == weights.group ? from : nullptr;
    else if (same != from)
      same = nullptr;
    result->args.push_back(tensor);
  }
  return same ? same : result;
}

std::vector<Value> WeightRules::at(const std::vector<Value> &args, size_t i) {
  std::vector<Value> here;
  for (const Value &arg : args)
    here.push_back(arg.isWeights() ? arg.elements[i] : arg);
  return here;
}

Value WeightRules::differ(const WeightGroup &left, const WeightGroup &right, Span span) {
  const bool isModel = left.model != right.model;
  findings
      .report(diag::Code::WrongType, span,
              isModel ? "these are weights of two models" : "these weights hold different tensors")
      .label("here")
      .found(left.name + " and " + right.name)
      .expected(isModel ? "weights of one model" : "weights of the same tensors")
      .help(isModel ? "weights of one model are no weights of another"
                    : "only `+` and `-` take different tensors: what one side lacks is 0 there");
  return Value::error();
}

Value WeightRules::each(const std::vector<Value> &args, Span span,
                        const std::function<Value(std::vector<Value>)> &of) {
  const WeightGroup *common = nullptr;
  for (const Value &arg : args) {
    if (arg.kind == Value::Kind::Unsupported)
      return Value::error();
    if (!arg.isWeights())
      continue;
    if (common && common != arg.group)
      return differ(*common, *arg.group, span);
    common = arg.group;
  }
  std::vector<Value> elements;
  for (size_t i = 0; i < common->leaves.size(); ++i) {
    Value element = of(at(args, i));
    if (!element.isExpr())
      return Value::error();
    if (element.expr->type.perExample) {
      findings.report(diag::Code::WrongType, span, "weights are the same for all examples")
          .label("reads the example")
          .found("`" + findings.source(span) + "`")
          .expected("numbers and weights")
          .help("take the mean over the batch, `batch_mean(…)`");
      return Value::error();
    }
    elements.push_back(std::move(element));
  }
  return bundle(*common, std::move(elements), span);
}

Value WeightRules::sum(const Value &left, const Value &right, bool isDifference, Span span) {
  if (left.group->model != right.group->model)
    return differ(*left.group, *right.group, span);
  std::map<const Leaf *, Value> tensors[2];
  std::vector<const Leaf *> leaves;
  for (size_t side = 0; side < 2; ++side) {
    const Value &value = side ? right : left;
    for (size_t i = 0; i < value.elements.size(); ++i) {
      tensors[side].emplace(value.group->leaves[i], value.elements[i]);
      leaves.push_back(value.group->leaves[i]);
    }
  }
  // In the order of the experiment.
  std::vector<const Leaf *> ordered;
  for (const Leaf *leaf : sheet.experiment->leaves)
    if (std::find(leaves.begin(), leaves.end(), leaf) != leaves.end())
      ordered.push_back(leaf);
  std::vector<Value> elements;
  for (const Leaf *leaf : ordered) {
    auto a = tensors[0].find(leaf), b = tensors[1].find(leaf);
    ExprPtr value;
    if (b == tensors[1].end())
      value = a->second.expr;
    else if (a != tensors[0].end())
      value = build.elementwise(isDifference ? Op::Sub : Op::Add, {a->second.expr, b->second.expr},
                                span);
    else
      value = isDifference ? build.elementwise(Op::Neg, {b->second.expr}, span) : b->second.expr;
    if (!value)
      return Value::error();
    elements.push_back(Value::of(value));
  }
  const WeightGroup &joined = *group(*left.group->model, std::move(ordered),
                                     left.group->name + " and " + right.group->name);
  return bundle(joined, std::move(elements), span);
}

} // namespace advx::sema
