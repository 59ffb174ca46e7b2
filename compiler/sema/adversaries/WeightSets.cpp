//===- WeightSets.cpp - Sets of weights: `each(p in matrices(f), SET)` ----------===//
//
// A set of weights is a set for each tensor, of one text. What is asked of it is asked
// of each; nothing of it depends on the example. Its numbers are settings once.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/adversaries/SetChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/Primitives.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

SetChecker::Points SetChecker::images() const {
  Points points;
  points.type.kind = Type::Kind::Tensor;
  points.type.shape = sheet.experiment->data.image;
  points.type.perExample = true;
  return points;
}

bool SetChecker::isEach(const syntax::Expr &expr) {
  return expr.kind == Kind::Call && expr.children[0]->kind == Kind::Name &&
         expr.children[0]->text == "each";
}

std::shared_ptr<SetForm> SetChecker::makeEach(const syntax::Expr &expr, const std::string &name,
                                              const std::string &role, const ScopePtr &scope) {
  const syntax::Expr *range = expr.args.empty() ? nullptr : expr.args[0].value.get();
  if (expr.args.size() != 2 || range->kind != Kind::Binary || range->text != "in" ||
      range->children[0]->kind != Kind::Name || !expr.args[0].name.empty() ||
      !expr.args[1].name.empty() || namesIt(*range->children[1], range->children[0]->text)) {
    findings.report(diag::Code::WrongArgument, expr.span, "`each` takes a name, weights and a set")
        .label("here")
        .found("`" + findings.source(expr.span) + "`")
        .expected("`each(p in matrices(f), SET)`")
        .help("as in `each(p in matrices(f), l2(0, radius = 0.01 * norm(p)))`");
    return nullptr;
  }
  PageEnv env(scope);
  Value weights = exprChecker.check(*range->children[1], env);
  if (!weights.isWeights()) {
    if (!weights.isError())
      findings
          .report(diag::Code::WrongType, range->children[1]->span, "`each` goes through weights")
          .label(weights.str())
          .found(weights.str())
          .expected("weights, as in `matrices(f)`")
          .help("name a group of weights");
    return nullptr;
  }
  auto form = std::make_shared<SetForm>();
  form->span = expr.span;
  form->text = findings.source(expr.span);
  Set *set = sheet.make<Set>();
  set->name = name;
  set->span = expr.span;
  set->group = weights.group;
  form->set = set;
  for (size_t i = 0; i < weights.group->leaves.size(); ++i) {
    const Leaf *leaf = weights.group->leaves[i];
    auto inner = std::make_shared<Scope>(scope);
    // Read where it is used: the functions of a set have no names of the page.
    Value &p = inner->names[range->children[0]->text];
    p.kind = Value::Kind::WeightOf;
    p.span = range->children[0]->span;
    p.written = range->children[1].get();
    p.index = i;
    Points points;
    points.type.kind = Type::Kind::Tensor;
    points.type.shape = leaf->shape;
    points.weight = leaf;
    points.first = i ? form->ofLeaves.front().get() : nullptr;
    std::shared_ptr<SetForm> part = makeSet(*expr.args[1].value, name + "." + leaf->name,
                                            i ? std::string() : role, inner, {}, points);
    if (!part)
      return nullptr;
    set->ofLeaves.push_back(part->set);
    form->ofLeaves.push_back(std::move(part));
  }
  const SetForm &first = *form->ofLeaves.front();
  form->report = {{"each(" + findings.source(range->span) + ", ", std::nullopt}};
  append(form->report, first.report);
  append(form->report, {{")", std::nullopt}});
  sheet.experiment->sets.push_back(set);
  return form;
}

void SetChecker::fillPoints(std::vector<SetPart> &parts, const Type &point) {
  Type same = point;
  same.perExample = false;
  for (SetPart &part : parts)
    for (size_t i = 0; i < part.arguments.size(); ++i) {
      Value &argument = part.arguments[i];
      if (part.decl->params[i].type.name.text != "point" || !argument.isNumber())
        continue;
      argument = Value::of(build.node(Op::Broadcast, {argument.expr}, same, part.span,
                                      {{"shape", point.shape}, {"axes", {}}}));
    }
}

/// What the text of the ball takes first as a point. A search moves it and nothing else, whatever
/// is equal to it.
ExprPtr SetChecker::centreOf(const SetForm &form, const Points &points) {
  ExprPtr centre;
  if (form.geometry)
    for (size_t i = 0; i < form.geometry->arguments.size() && !centre; ++i)
      if (form.geometry->decl->params[i].type.name.text == "point")
        centre = form.geometry->arguments[i].expr;
  if (!centre)
    centre = build.node(Op::Broadcast, {build.number(Rational(0), form.span)}, points.type,
                        form.span, {{"shape", points.type.shape}, {"axes", {}}});
  Function *function = functions.newFunction(form.set->name + ".centre", form.span);
  function->body.stmts = form.lets;
  function->body.value = centre;
  sheet.experiment->functions.push_back(function);
  auto point = std::make_shared<Expr>(*build.node(
      Op::StopGradient, {functions.callFunction(function, {}, form.span)}, points.type, form.span));
  point->stream = points.weight->name;
  return point;
}

Value SetChecker::memberOfEach(const PrimitiveInfo &info, const Value &set, const Value &last,
                               const std::string &role, Span span) {
  const SetForm &form = *set.set;
  const WeightGroup &group = *form.set->group;
  const bool isSample =
      info.primitive == Primitive::Sample || info.primitive == Primitive::Boundary;
  const bool given = !last.isError();
  if (given && !(last.isWeights() && last.group == &group) && !(isSample && last.isNumber())) {
    findings.report(diag::Code::ShapeMismatch, last.span, "`" + info.name + "` cannot take this")
        .label(last.str())
        .found(last.str())
        .expected(group.name)
        .help("pass the weights that the set holds")
        .note(form.span, "the set");
    return Value::error();
  }
  std::vector<Value> elements;
  bool isOneNumber = info.primitive == Primitive::Radius;
  for (size_t i = 0; i < group.leaves.size(); ++i) {
    Value here;
    here.kind = Value::Kind::Set;
    here.span = set.span;
    here.set = form.ofLeaves[i];
    Value at = !given || !last.isWeights() ? last : last.elements[i];
    elements.push_back(memberOfSet(info, here, given ? &at : nullptr, role, span));
    if (!elements.back().isExpr())
      return Value::error();
    isOneNumber &= elements.back().isNumber() && elements.back().expr == elements.front().expr;
  }
  return isOneNumber ? elements.front() : weightRules.bundle(group, std::move(elements), span);
}

} // namespace advx::sema
