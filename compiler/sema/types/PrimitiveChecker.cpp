//===- PrimitiveChecker.cpp - Calls of the functions that are not text --------===//

#include "compiler/sema/types/PrimitiveChecker.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>
#include <numeric>

namespace advx::sema {

bool PrimitiveChecker::isReal(const Type &type) {
  return type.element != Type::Element::Bool &&
         !(type.isTensor() && type.element == Type::Element::Int);
}

Value PrimitiveChecker::callPrimitive(const PrimitiveInfo &info, const syntax::Expr &call,
                                      Env &env) {
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(info.params, info.required, call.args, 0, call.span, info.name, Span(),
                            bound))
    return Value::error();
  std::vector<Value> values;
  for (const syntax::Arg *arg : bound) {
    if (!arg) {
      values.push_back(Value::error());
      continue;
    }
    Value value = exprChecker.check(*arg->value, env);
    if (value.isError())
      return value;
    value.span = arg->value->span;
    values.push_back(std::move(value));
  }
  return callPrimitiveOn(info, std::move(values), call.span);
}

Value PrimitiveChecker::callPrimitiveOn(const PrimitiveInfo &info, std::vector<Value> values,
                                        Span span) {
  if (std::any_of(values.begin(), values.end(), [](const Value &v) { return v.isWeights(); }))
    return ofWeights(info, std::move(values), span);
  for (Value &value : values) {
    if (value.isError() || value.isExpr()) // An error stands for a default.
      continue;
    const Span place = value.span.isValid() ? value.span : span;
    value = Value::of(exprChecker.expectExpr(value, place));
    if (value.isError())
      return value;
    value.span = place;
  }
  values.resize(info.params.size());
  const Call call{info, values, span, values[0].expr};
  switch (info.primitive) {
#define ADVX_IF_Elementwise(Name)                                                                  \
  case Primitive::Name:                                                                            \
    return Value::of(build.elementwise(Op::Name, {call.v}, span));
#define ADVX_IF_OfNumbers(Name)                                                                    \
  case Primitive::Name:                                                                            \
    return ofNumber(Op::Name, call);
#define ADVX_IF_Form(Name)                                                                         \
  case Primitive::Name:                                                                            \
    return Value::error();
#define ADVX_IF_Own(Name)
#define ADVX_PRIMITIVE(Name, name, rule, required, meaning, ...) ADVX_IF_##rule(Name)
#include "compiler/sema/types/Primitives.def"
#undef ADVX_IF_Elementwise
#undef ADVX_IF_OfNumbers
#undef ADVX_IF_Form
#undef ADVX_IF_Own
  case Primitive::Max:
    return extreme(call, Op::Maximum);
  case Primitive::Min:
    return extreme(call, Op::Minimum);
  case Primitive::Sum:
  case Primitive::Mean:
    return sum(call);
  case Primitive::Size:
    if (call.v->type.anyShape)
      return wrong(call, "a tensor of known shape",
                   "the size of a weight differs from weight to weight");
    return Value::of(build.number(Rational(sizeOf(call.v->type.shape)), span, Type::Element::Int));
  case Primitive::Norm:
    return norm(call);
  case Primitive::Normalize:
    return normalize(call);
  case Primitive::Softmax:
    return ofLogits(call, Op::Softmax);
  case Primitive::LogSoftmax:
    return ofLogits(call, Op::LogSoftmax);
  case Primitive::LogSumExp:
    return ofLogits(call, Op::LogSumExp);
  case Primitive::Predict:
    return ofLogits(call, Op::Argmax);
  case Primitive::OneHot:
    return Value::of(vectors.oneHot(call.v, span));
  case Primitive::Clip:
    return Value::of(build.elementwise(Op::Clip, {call.v, values[1].expr, values[2].expr}, span));
  case Primitive::Transpose:
    return transpose(call);
  case Primitive::Flatten:
    return flatten(call);
  case Primitive::Concat:
    return concat(call);
  case Primitive::Pad:
    return pad(call);
  case Primitive::Shift:
    return shift(call);
  case Primitive::Flip:
    return flip(call);
  case Primitive::Positions:
    return positions(call);
  case Primitive::Sort:
  case Primitive::Top:
  case Primitive::Kth:
    return inOrder(call);
  case Primitive::Cumsum:
    return cumsum(call);
  case Primitive::StopGradient:
    if (!call.v->type.isTensor() || !isReal(call.v->type))
      return values[0]; // No gradient flows through numbers, labels and truth values.
    return Value::of(build.node(Op::StopGradient, {call.v}, call.v->type, span));
  case Primitive::BatchSum:
    return overBatch(call, Op::BatchSum);
  case Primitive::BatchMean:
    return overBatch(call, Op::BatchMean);
  }
  return Value::error();
}

Value PrimitiveChecker::wrong(const Call &call, const std::string &expected,
                              const std::string &help) {
  findings
      .report(diag::Code::WrongType, call.v->span, "wrong argument for `" + call.info.name + "`")
      .label(call.v->type.str())
      .found(call.v->type.str())
      .expected(expected)
      .help(help);
  return Value::error();
}

Value PrimitiveChecker::ofNumber(Op op, const Call &call) {
  if (!call.v->type.isNumber())
    return wrong(call, "a number, as in a schedule", "tensors have no `" + call.info.name + "`");
  return Value::of(build.elementwise(op, {call.v}, call.span));
}

Value PrimitiveChecker::extreme(const Call &call, Op ofTwo) {
  ExprPtr v = call.v;
  Type type = v->type;
  if (call.values[1].isExpr())
    return Value::of(build.elementwise(ofTwo, {v, call.values[1].expr}, call.span));
  const std::string &name = call.info.name;
  if (!type.isTensor() || type.shape.empty() || !isReal(type))
    return wrong(call, "a vector, or two numbers",
                 "write `" + name + "(a, b)` for the " + name + "imum of two");
  const bool negate = ofTwo == Op::Minimum;
  if (negate)
    v = build.elementwise(Op::Neg, {v}, call.span);
  std::vector<int64_t> axes(type.shape.size());
  std::iota(axes.begin(), axes.end(), 0);
  type.shape.clear();
  ExprPtr result = build.node(Op::ReduceMax, {v}, type, call.span, {{"axes", axes}});
  return Value::of(negate ? build.elementwise(Op::Neg, {result}, call.span) : result);
}

Value PrimitiveChecker::sum(const Call &call) {
  const ExprPtr &v = call.v;
  Type type = v->type;
  const bool isMean = call.info.primitive == Primitive::Mean;
  if (!isReal(type))
    return wrong(call, "numbers", "count with `if … then 1 else 0`");
  if (type.isNumber() || type.isScalar()) {
    if (type.isTensor() && sheet.page && call.span.file == sheet.page->span.file)
      findings
          .report(diag::Code::ReductionOfOne, call.span,
                  "`" + call.info.name + "` of one number is that number")
          .label("one number for each example")
          .found("`" + findings.source(call.span) + "`")
          .expected("a vector or a tensor")
          .help("write `" + findings.source(v->span) +
                "`: an expression is for one example, and `outer` takes the mean over the batch");
    return call.values[0];
  }
  if (type.anyShape && isMean)
    return wrong(call, "a tensor of known shape", "use `sum`");
  ExprPtr sum;
  if (type.anyShape) {
    type.anyShape = false;
    sum = build.node(Op::ReduceSum, {v}, type, call.span);
  } else {
    sum = build.reduceSum(v, call.span);
  }
  if (!isMean)
    return Value::of(sum);
  std::optional<Rational> factor = Rational::make(1, sizeOf(type.shape));
  return Value::of(build.elementwise(Op::Mul, {sum, build.number(*factor, call.span)}, call.span));
}

Value PrimitiveChecker::norm(const Call &call) {
  Type type = call.v->type;
  if (!type.isTensor() || !isReal(type))
    return wrong(call, "a tensor of reals", "use `abs` for a number");
  int64_t p = 2;
  if (const Value &order = call.values[1]; order.isExpr()) {
    if (order.expr->kind == Expr::Kind::Infinity) {
      p = 0;
    } else {
      std::optional<int64_t> known = build.integer(order, order.span, "the `p` of a norm");
      if (!known)
        return Value::error();
      p = *known;
      if (p != 1 && p != 2) {
        findings.report(diag::Code::WrongArgument, order.span, "there is no norm for this `p`")
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
  return Value::of(build.node(Op::Norm, {call.v}, type, call.span, {{"p", {p}}}));
}

Value PrimitiveChecker::normalize(const Call &call) {
  const Type &type = call.v->type;
  if (!type.isTensor() || !isReal(type) || type.isScalar())
    return wrong(call, "a vector, a matrix or a tensor", "a number has no direction; use `sign`");
  int64_t axis = -1;
  if (const Value &given = call.values[1]; given.isExpr()) {
    std::optional<int64_t> known = build.integer(given, given.span, "an axis");
    if (!known)
      return Value::error();
    axis = *known;
    if (axis < -1 || axis >= static_cast<int64_t>(type.shape.size())) {
      findings.report(diag::Code::IndexOutOfRange, given.span, "there is no such axis")
          .label("here")
          .found("axis " + std::to_string(axis) + " of " + type.str())
          .expected("0 to " + std::to_string(type.shape.size() - 1) + ", or -1 for all axes")
          .help("axes count from 0; the batch is not one of them");
      return Value::error();
    }
  }
  return Value::of(build.node(Op::Normalize, {call.v}, type, call.span, {{"axis", {axis}}}));
}

Value PrimitiveChecker::ofLogits(const Call &call, Op op) {
  Type type = call.v->type;
  if (!type.isTensor() || type.shape.size() != 1 || !isReal(type))
    return wrong(call, "a vector, as logits are", "apply it to logits");
  if (op == Op::LogSumExp || op == Op::Argmax)
    type.shape.clear();
  if (op == Op::Argmax)
    type.element = Type::Element::Int;
  return Value::of(build.node(op, {call.v}, type, call.span));
}

Value PrimitiveChecker::transpose(const Call &call) {
  Type type = call.v->type;
  if (!type.isTensor() || type.shape.size() != 2)
    return wrong(call, "a matrix", "only a matrix has a transpose");
  std::swap(type.shape[0], type.shape[1]);
  return Value::of(build.node(Op::Transpose, {call.v}, type, call.span, {{"permutation", {1, 0}}}));
}

Value PrimitiveChecker::flatten(const Call &call) {
  Type type = call.v->type;
  if (!type.isTensor() || type.anyShape || !isReal(type))
    return wrong(call, "a tensor", "there is nothing to flatten");
  type.shape = {sizeOf(type.shape)};
  return Value::of(build.node(Op::Reshape, {call.v}, type, call.span, {{"shape", type.shape}}));
}

Value PrimitiveChecker::concat(const Call &call) {
  const ExprPtr &second = call.values[1].expr;
  Type type = call.v->type;
  int64_t axis = 0;
  if (const Value &given = call.values[2]; given.isExpr()) {
    std::optional<int64_t> known = build.integer(given, given.span, "an axis");
    if (!known)
      return Value::error();
    axis = *known;
  }
  const Type &other = second->type;
  bool fit = type.isTensor() && other.isTensor() && type.shape.size() == other.shape.size() &&
             axis >= 0 && axis < static_cast<int64_t>(type.shape.size()) && isReal(type) &&
             isReal(other);
  for (size_t i = 0; fit && i < type.shape.size(); ++i)
    fit = static_cast<int64_t>(i) == axis || type.shape[i] == other.shape[i];
  if (!fit) {
    findings
        .report(diag::Code::ShapeMismatch, call.span,
                "these shapes cannot be joined along this axis")
        .label("here")
        .found(type.str() + " and " + other.str())
        .expected("equal sizes along every other axis")
        .help("check the axis; the batch is not one");
    return Value::error();
  }
  type.shape[axis] += other.shape[axis];
  if (!sizes.checkSize(type.shape, call.span, "the joined tensor"))
    return Value::error();
  type.perExample |= other.perExample;
  return Value::of(build.node(Op::Concat, {call.v, second}, type, call.span, {{"axis", {axis}}}));
}

Value PrimitiveChecker::overBatch(const Call &call, Op op) {
  ExprPtr v = call.v;
  Type type = v->type;
  if (type.element == Type::Element::Bool) {
    type.element = Type::Element::Real;
    v = build.node(Op::Cast, {v}, type, call.span);
  }
  if (!isReal(type))
    return wrong(call, "a tensor of reals", "a label has no sum");
  // What is the same for every example is its own mean; its sum counts the examples.
  if (op == Op::BatchMean && !type.perExample)
    return Value::of(v);
  type.kind = Type::Kind::Tensor;
  type.element = Type::Element::Real;
  type.perExample = false;
  return Value::of(build.node(op, {v}, type, call.span));
}

} // namespace advx::sema
