//===- PrimitiveChecker.cpp - The functions that are not text ------------===//
//
// The list is documented in docs/language/primitives.md. Nothing else is known
// by name: losses, heads, networks, solvers, sets and optimisers are texts.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/types/PrimitiveChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/Primitives.h"

#include <numeric>

namespace advx::sema {

Value PrimitiveChecker::callPrimitive(const std::string &name, const syntax::Expr &call, Env &env) {
  const Primitive *s = findPrimitive(name);
  if (!s || s->rule == Primitive::Rule::Form)
    return Value::error();
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(s->params, s->required, call.args, 0, call.span, name, Span(), bound))
    return Value::error();
  std::vector<Value> values;
  for (const syntax::Arg *arg : bound) {
    if (!arg) {
      values.push_back(Value::error());
      continue;
    }
    Value value = exprChecker.check(*arg->value, env);
    if (value.kind == Value::Kind::List)
      value = Value::of(exprChecker.listTensor(value, arg->value->span));
    if (value.isError())
      return value;
    if (!value.isExpr()) {
      exprChecker.expectExpr(value, arg->value->span);
      return Value::error();
    }
    value.span = arg->value->span;
    values.push_back(std::move(value));
  }
  return callPrimitiveOn(name, std::move(values), call.span);
}

Value PrimitiveChecker::callPrimitiveOn(const std::string &name, std::vector<Value> values,
                                        Span span) {
  const Primitive *s = findPrimitive(name);
  if (!s || s->rule == Primitive::Rule::Form || values.empty() || !values[0].isExpr())
    return Value::error();
  values.resize(s->params.size());
  ExprPtr v = values[0].expr;
  Type type = v->type;
  auto wrong = [&](const std::string &expected, const std::string &help) {
    findings.report(diag::Code::WrongType, v->span, "wrong argument for `" + name + "`")
        .label(v->type.str())
        .found(v->type.str())
        .expected(expected)
        .help(help);
    return Value::error();
  };
  auto isReal = [](const Type &t) {
    return t.element != Type::Element::Bool && !(t.isTensor() && t.element == Type::Element::Int);
  };
  if (s->rule == Primitive::Rule::Elementwise)
    return Value::of(build.elementwise(name, {v}, span));
  if (s->rule == Primitive::Rule::OfNumbers) {
    if (!type.isNumber())
      return wrong("a number, as in a schedule", "tensors have no `" + name + "`");
    return Value::of(build.elementwise(name, {v}, span));
  }
  if (name == "max" || name == "min") {
    if (values[1].isExpr())
      return Value::of(
          build.elementwise(name == "max" ? "maximum" : "minimum", {v, values[1].expr}, span));
    if (!type.isTensor() || type.shape.empty() || !isReal(type))
      return wrong("a vector, or two numbers",
                   "write `" + name + "(a, b)` for the " + name + "imum of two");
    bool negate = name == "min";
    if (negate)
      v = build.elementwise("neg", {v}, span);
    std::vector<int64_t> axes(type.shape.size());
    std::iota(axes.begin(), axes.end(), 0);
    type.shape.clear();
    ExprPtr result = build.node("reduce_max", {v}, type, span, {{"axes", axes}});
    return Value::of(negate ? build.elementwise("neg", {result}, span) : result);
  }
  if (name == "clip") {
    for (size_t i = 1; i < 3; ++i) {
      const Type &bound = values[i].expr->type;
      if (type.isTensor() && !bound.isScalar() && bound.shape != type.shape)
        break; // elementwise reports.
    }
    return Value::of(build.elementwise("clip", {v, values[1].expr, values[2].expr}, span));
  }
  if (name == "size") {
    if (type.anyShape)
      return wrong("a tensor of known shape", "the size of a weight differs from weight to weight");
    return Value::of(build.number(Rational(sizeOf(type.shape)), span, Type::Element::Int));
  }
  if (name == "sum" || name == "mean") {
    if (!isReal(type))
      return wrong("numbers", "count with `if … then 1 else 0`");
    if (type.isNumber() || type.isScalar()) {
      if (type.isTensor() && sheet.page && span.file == sheet.page->span.file)
        findings
            .report(diag::Code::ReductionOfOne, span, "`" + name + "` of one number is that number")
            .label("one number for each example")
            .found("`" + findings.source(span) + "`")
            .expected("a vector or a tensor")
            .help("write `" + findings.source(v->span) +
                  "`: an expression is for one example, and `outer` takes the mean over the batch");
      return values[0];
    }
    if (type.anyShape && name == "mean")
      return wrong("a tensor of known shape", "use `sum`");
    ExprPtr sum;
    if (type.anyShape) {
      type.anyShape = false;
      sum = build.node("reduce_sum", {v}, type, span);
    } else {
      sum = build.reduceSum(v, span);
    }
    if (name == "sum")
      return Value::of(sum);
    std::optional<Rational> factor = Rational::make(1, sizeOf(type.shape));
    return Value::of(build.elementwise("mul", {sum, build.number(*factor, span)}, span));
  }
  if (name == "norm") {
    if (!type.isTensor() || !isReal(type))
      return wrong("a tensor of reals", "use `abs` for a number");
    int64_t p = 2;
    if (values[1].isExpr()) {
      if (values[1].expr->kind == Expr::Kind::Infinity) {
        p = 0;
      } else {
        std::optional<int64_t> known =
            build.integer(values[1], values[1].span, "the `p` of a norm");
        if (!known)
          return Value::error();
        p = *known;
        if (p != 1 && p != 2) {
          findings
              .report(diag::Code::WrongArgument, values[1].span, "there is no norm for this `p`")
              .label("here")
              .found("`" + std::to_string(p) + "`")
              .expected("1, 2 or infinity")
              .help("write the formula out");
          return Value::error();
        }
      }
    }
    type.shape.clear();
    type.anyShape = false;
    return Value::of(build.node("norm", {v}, type, span, {{"p", {p}}}));
  }
  if (name == "normalize") {
    if (!type.isTensor() || !isReal(type) || type.isScalar())
      return wrong("a vector, a matrix or a tensor", "a number has no direction; use `sign`");
    int64_t axis = -1;
    if (values[1].isExpr()) {
      std::optional<int64_t> known = build.integer(values[1], values[1].span, "an axis");
      if (!known)
        return Value::error();
      axis = *known;
      if (axis < -1 || axis >= static_cast<int64_t>(type.shape.size())) {
        findings.report(diag::Code::IndexOutOfRange, values[1].span, "there is no such axis")
            .label("here")
            .found("axis " + std::to_string(axis) + " of " + type.str())
            .expected("0 to " + std::to_string(type.shape.size() - 1) + ", or -1 for all axes")
            .help("axes count from 0; the batch is not one of them");
        return Value::error();
      }
    }
    return Value::of(build.node("normalize", {v}, type, span, {{"axis", {axis}}}));
  }
  bool vector = type.isTensor() && type.shape.size() == 1 && isReal(type);
  if (name == "softmax" || name == "log_softmax") {
    if (!vector)
      return wrong("a vector, as logits are", "apply it to logits");
    return Value::of(build.node(name, {v}, type, span));
  }
  if (name == "log_sum_exp" || name == "predict") {
    if (!vector)
      return wrong("a vector, as logits are", "apply it to logits");
    type.shape.clear();
    if (name == "predict")
      type.element = Type::Element::Int;
    return Value::of(build.node(name == "predict" ? "argmax" : name, {v}, type, span));
  }
  if (name == "onehot")
    return Value::of(exprChecker.oneHot(v, span, false));
  if (name == "transpose") {
    if (!type.isTensor() || type.shape.size() != 2)
      return wrong("a matrix", "only a matrix has a transpose");
    std::swap(type.shape[0], type.shape[1]);
    return Value::of(build.node("transpose", {v}, type, span, {{"permutation", {1, 0}}}));
  }
  if (name == "flatten") {
    if (!type.isTensor() || type.anyShape || !isReal(type))
      return wrong("a tensor", "there is nothing to flatten");
    type.shape = {sizeOf(type.shape)};
    return Value::of(build.node("reshape", {v}, type, span, {{"shape", type.shape}}));
  }
  if (name == "concat") {
    int64_t axis = 0;
    if (values[2].isExpr()) {
      std::optional<int64_t> known = build.integer(values[2], values[2].span, "an axis");
      if (!known)
        return Value::error();
      axis = *known;
    }
    const Type &other = values[1].expr->type;
    bool fit = type.isTensor() && other.isTensor() && type.shape.size() == other.shape.size() &&
               axis >= 0 && axis < static_cast<int64_t>(type.shape.size()) && isReal(type) &&
               isReal(other);
    for (size_t i = 0; fit && i < type.shape.size(); ++i)
      fit = static_cast<int64_t>(i) == axis || type.shape[i] == other.shape[i];
    if (!fit) {
      findings
          .report(diag::Code::ShapeMismatch, span, "these shapes cannot be joined along this axis")
          .label("here")
          .found(type.str() + " and " + other.str())
          .expected("equal sizes along every other axis")
          .help("check the axis; the batch is not one");
      return Value::error();
    }
    type.shape[axis] += other.shape[axis];
    if (!sizes.checkSize(type.shape, span, "the joined tensor"))
      return Value::error();
    type.perExample |= other.perExample;
    return Value::of(build.node("concat", {v, values[1].expr}, type, span, {{"axis", {axis}}}));
  }
  if (name == "stop_gradient") {
    if (!type.isTensor() || !isReal(type))
      return values[0]; // No gradient flows through numbers, labels and truth values.
    return Value::of(build.node(name, {v}, type, span));
  }
  if (name == "batch_sum" || name == "batch_mean") {
    if (type.element == Type::Element::Bool) {
      type.element = Type::Element::Real;
      v = build.node("cast", {v}, type, span);
    }
    if (!isReal(type))
      return wrong("a tensor of reals", "a label has no sum");
    // What is the same for every example is its own mean; its sum counts the examples.
    if (name == "batch_mean" && !type.perExample)
      return Value::of(v);
    type.kind = Type::Kind::Tensor;
    type.element = Type::Element::Real;
    type.perExample = false;
    return Value::of(build.node(name, {v}, type, span));
  }
  return Value::error();
}

/// `piecewise(v0, [e1: v1, e2: v2])` of `epoch`: the last value whose epoch has begun.
Value PrimitiveChecker::checkPiecewise(const syntax::Expr &call, Env &env) {
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments({"first", "later"}, 2, call.args, 0, call.span, "piecewise", Span(),
                            bound))
    return Value::error();
  // Its values are parts of the schedule: `outer.lr.first`, `outer.lr.later.1`, ….
  std::string role = env.role.empty() || settingTable.isPath(env.role + ".first") ? "" : env.role;
  auto part = [&](const std::string &name, const syntax::Expr &text) -> ExprPtr {
    Env where = env;
    where.role = role.empty() ? "" : role + "." + name;
    return exprChecker.checkExpr(text, where);
  };
  // Whole numbers where all of them are.
  Type::Element element = Type::Element::Int;
  auto settle = [&](const std::string &name, const ExprPtr &value, Span span) -> ExprPtr {
    bool isNumber = value->type.isNumber() && value->type.element != Type::Element::Bool;
    return isNumber && !role.empty() ? settingTable.setting(role + "." + name, element, value,
                                                            findings.source(span), false, span)
                                     : value;
  };
  ExprPtr result = part("first", *bound[0]->value);
  const syntax::Expr &list = *bound[1]->value;
  bool ok = result != nullptr;
  if (list.kind != syntax::Expr::Kind::List && list.kind != syntax::Expr::Kind::Map) {
    findings
        .report(diag::Code::WrongType, list.span, "`piecewise` takes a list of epochs and values")
        .label("not a list")
        .found("`" + findings.source(list.span) + "`")
        .expected("`[epoch: value, …]`")
        .help("as in `piecewise(0.1, [75: 0.01, 90: 0.001])`");
    return Value::error();
  }
  std::optional<Rational> last;
  std::vector<std::pair<ExprPtr, ExprPtr>> later;
  for (const syntax::Arg &entry : list.args) {
    if (!entry.key) {
      findings.report(diag::Code::WrongType, entry.span, "this entry has no epoch")
          .label("a value alone")
          .found("`" + findings.source(entry.span) + "`")
          .expected("`epoch: value`")
          .help("write the epoch from which the value holds");
      return Value::error();
    }
    ExprPtr from = exprChecker.checkExpr(*entry.key, env);
    ExprPtr value = part("later." + std::to_string(&entry - list.args.data() + 1), *entry.value);
    if (!from || !value) {
      ok = false;
      continue;
    }
    std::optional<Rational> at = build.evaluate(from);
    if (at && last && !(*last < *at)) {
      findings
          .report(diag::Code::WrongArgument, entry.key->span,
                  "the epochs of `piecewise` must increase")
          .label("not later than the one before")
          .found("`" + at->str() + "` after `" + last->str() + "`")
          .expected("increasing epochs")
          .help("sort the entries");
      ok = false;
    }
    last = at;
    for (const ExprPtr &part : {from, value})
      if (!part->type.isNumber()) {
        findings.report(diag::Code::WrongType, part->span, "a schedule is made of numbers")
            .label(part->type.str())
            .found(part->type.str())
            .expected("`real`")
            .help("use constants");
        ok = false;
      }
    if (value->type.element != Type::Element::Int)
      element = Type::Element::Real;
    later.emplace_back(from, value);
  }
  if (!ok)
    return Value::error();
  if (result->type.element != Type::Element::Int)
    element = Type::Element::Real;
  const Value *epoch = sheet.rootScope->find("epoch");
  result = settle("first", result, bound[0]->value->span);
  for (size_t i = 0; i < later.size(); ++i) {
    ExprPtr value =
        settle("later." + std::to_string(i + 1), later[i].second, list.args[i].value->span);
    result = build.select(labels.compare(2, epoch->expr, later[i].first, list.args[i].span), result,
                          value, call.span);
  }
  return Value::of(result);
}

} // namespace advx::sema
