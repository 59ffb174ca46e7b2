//===- WeightFunctions.cpp - The functions that are not text, of weights -------===//

#include "compiler/sema/types/PrimitiveChecker.h"

#include <algorithm>

namespace advx::sema {

ExprPtr PrimitiveChecker::vectorOf(const Value &numbers, Span span) {
  std::vector<ExprPtr> entries;
  Type type;
  type.kind = Type::Kind::Tensor;
  type.shape = {1};
  for (const Value &number : numbers.elements)
    entries.push_back(
        number.expr->type.isNumber()
            ? build.node(Op::Broadcast, {number.expr}, type, span, {{"shape", {1}}, {"axes", {}}})
            : build.node(Op::Reshape, {number.expr}, type, span, {{"shape", {1}}}));
  if (entries.size() == 1)
    return entries.front();
  type.shape = {static_cast<int64_t>(entries.size())};
  return build.node(Op::Concat, std::move(entries), type, span, {{"axis", {0}}});
}

Value PrimitiveChecker::ofWeights(const PrimitiveInfo &info, std::vector<Value> values, Span span) {
  using Rule = PrimitiveInfo::Rule;
  for (const Value &value : values)
    if (value.kind == Value::Kind::Unsupported)
      return Value::error();
  values.resize(info.params.size());
  auto at = [&](std::vector<Value> here) { return callPrimitiveOn(info, std::move(here), span); };
  const bool isPair = values.size() > 1 && !values[1].isError();
  switch (info.primitive) {
  case Primitive::Max:
  case Primitive::Min:
    if (isPair)
      return weightRules.each(values, span, at);
    [[fallthrough]];
  case Primitive::Sum:
  case Primitive::Norm: {
    // Of each tensor, then of these. A tensor of one number is that number.
    Value parts = weightRules.each(values, span, [&](std::vector<Value> here) {
      const ExprPtr &tensor = here[0].expr;
      const bool isNumber = tensor->type.isNumber() || tensor->type.isScalar();
      if (!isNumber)
        return at(std::move(here));
      return info.primitive == Primitive::Norm
                 ? Value::of(build.elementwise(Op::Abs, {tensor}, span))
                 : here[0];
    });
    if (!parts.isWeights() || parts.elements.size() == 1)
      return parts.isWeights() ? parts.elements.front() : parts;
    values[0] = Value::of(vectorOf(parts, span));
    return callPrimitiveOn(info, std::move(values), span);
  }
  case Primitive::Size:
  case Primitive::Mean: {
    Rational size(0);
    for (const Value &element : values[0].elements)
      size = Rational(size.numerator() + sizeOf(element.expr->type.shape));
    if (info.primitive == Primitive::Size)
      return Value::of(build.number(size, span, Type::Element::Int));
    Value sum = ofWeights(*findPrimitive("sum"), {values[0]}, span);
    return sum.isExpr()
               ? Value::of(build.elementwise(Op::Div, {sum.expr, build.number(size, span)}, span))
               : sum;
  }
  case Primitive::Clip:
  case Primitive::StopGradient:
    return weightRules.each(values, span, at);
  default:
    break;
  }
  if (info.rule == Rule::Elementwise)
    return weightRules.each(values, span, at);
  const Value &weights = *std::find_if(values.begin(), values.end(),
                                       [](const Value &value) { return value.isWeights(); });
  findings
      .report(diag::Code::WrongType, weights.span.isValid() ? weights.span : span,
              "wrong argument for `" + info.name + "`")
      .label(weights.str())
      .found(weights.str())
      .expected("a number or a tensor")
      .help("of weights there are `sum`, `mean`, `norm`, `size`, `max`, `min`, and what is done to "
            "each entry");
  return Value::error();
}

} // namespace advx::sema
