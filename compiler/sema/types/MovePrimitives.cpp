//===- MovePrimitives.cpp - Functions that move, place and order entries ------===//

#include "compiler/sema/types/PrimitiveChecker.h"

namespace advx::sema {

bool PrimitiveChecker::hasAxes(const Call &call, size_t least) const {
  const Type &type = call.v->type;
  return type.isTensor() && !type.anyShape && isReal(type) && type.shape.size() >= least;
}

std::optional<int64_t> PrimitiveChecker::axisOf(const Call &call, int64_t least) {
  const Value &given = call.values[1];
  if (!given.isExpr())
    return least;
  std::optional<int64_t> axis = build.integer(given, given.span, "an axis");
  const auto rank = static_cast<int64_t>(call.v->type.shape.size());
  if (!axis || (*axis >= least && *axis < rank))
    return axis;
  findings.report(diag::Code::IndexOutOfRange, given.span, "there is no such axis")
      .label("here")
      .found("axis " + std::to_string(*axis) + " of " + call.v->type.str())
      .expected("0 to " + std::to_string(rank - 1) + (least < 0 ? ", or -1 for all axes" : ""))
      .help("axes count from 0; the batch is not one of them");
  return std::nullopt;
}

ExprPtr PrimitiveChecker::padded(ExprPtr v, int64_t axis, int64_t count, Span span) {
  if (count == 0)
    return v;
  Type type = v->type;
  type.shape[axis] += 2 * count;
  const std::vector<int64_t> size = {type.shape[axis]};
  return build.node(count > 0 ? Op::PadSlice : Op::Slice, {std::move(v)}, type, span,
                    {{"axis", {axis}}, {"begin", {std::abs(count)}}, {"size", size}});
}

Value PrimitiveChecker::pad(const Call &call) {
  if (!hasAxes(call, 2))
    return wrong(call, "an image or a matrix", "give it the axes of one");
  const Value &columns = call.values[2].isExpr() ? call.values[2] : call.values[1];
  ExprPtr v = call.v;
  const auto rank = static_cast<int64_t>(v->type.shape.size());
  for (const auto &[given, axis] : {std::pair(&call.values[1], rank - 2), {&columns, rank - 1}}) {
    std::optional<int64_t> count = build.integer(*given, given->span, "the width of a border");
    if (!count)
      return Value::error();
    const int64_t size = v->type.shape[axis];
    if (*count <= -(size + 1) / 2) {
      findings.report(diag::Code::WrongArgument, given->span, "nothing would be left of the axis")
          .label("here")
          .found("`" + std::to_string(*count) + "` at both ends of " + std::to_string(size) +
                 " entries")
          .expected("more than " + std::to_string(-(size + 1) / 2))
          .help("a border below 0 is cut off at both ends");
      return Value::error();
    }
    // Whatever is wider is too large all the same, and its size is no int64.
    v = padded(v, axis, std::min(*count, int64_t(1) << 32), call.span);
    if (!sizes.checkSize(v->type.shape, call.span, "the padded tensor"))
      return Value::error();
  }
  return Value::of(v);
}

Value PrimitiveChecker::shift(const Call &call) {
  if (!hasAxes(call, 2))
    return wrong(call, "an image or a matrix", "give it the axes of one");
  ExprPtr v = call.v;
  for (size_t i : {1, 2}) {
    const ExprPtr &amount = call.values[i].expr;
    const Type &given = amount->type;
    if (!isReal(given) || !(given.isNumber() || given.isScalar())) {
      findings.report(diag::Code::WrongType, call.values[i].span, "this is no amount to move by")
          .label(given.str())
          .found(given.str())
          .expected("a number, or one of the example")
          .help("draw or compute one number for each example");
      return Value::error();
    }
    std::optional<Rational> exact = given.isNumber() ? build.evaluate(amount) : std::nullopt;
    if (exact && !exact->isInteger()) {
      findings
          .report(diag::Code::WrongArgument, call.values[i].span, "entries move by whole places")
          .label("not whole")
          .found("`" + findings.source(call.values[i].span) + "`")
          .expected("a whole number")
          .help("round it with `floor`");
      return Value::error();
    }
    if (amount->kind == Expr::Kind::Number && exact && *exact == Rational(0))
      continue;
    Type type = v->type;
    type.perExample |= given.perExample;
    const auto axis = static_cast<int64_t>(type.shape.size()) - 3 + static_cast<int64_t>(i);
    v = build.node(Op::Shift, {v, amount}, type, call.span, {{"axis", {axis}}});
  }
  return Value::of(v);
}

Value PrimitiveChecker::flip(const Call &call) {
  if (!hasAxes(call, 1))
    return wrong(call, "a tensor with axes", "a number has no order to reverse");
  std::optional<int64_t> axis = axisOf(call);
  if (!axis)
    return Value::error();
  return Value::of(build.node(Op::Reverse, {call.v}, call.v->type, call.span, {{"axis", {*axis}}}));
}

Value PrimitiveChecker::positions(const Call &call) {
  if (!hasAxes(call, 1))
    return wrong(call, "a tensor with axes", "a number has no entries to count");
  std::optional<int64_t> axis = axisOf(call, -1);
  if (!axis)
    return Value::error();
  Type whole = call.v->type;
  whole.element = Type::Element::Real;
  whole.perExample = false;
  Type line = whole;
  line.shape = {*axis < 0 ? sizeOf(whole.shape) : whole.shape[*axis]};
  ExprPtr places = build.node(Op::Iota, {}, line, call.span);
  if (whole.shape.size() == 1)
    return Value::of(places);
  if (*axis < 0)
    return Value::of(build.node(Op::Reshape, {places}, whole, call.span, {{"shape", whole.shape}}));
  return Value::of(build.node(Op::Broadcast, {places}, whole, call.span,
                              {{"shape", whole.shape}, {"axes", {*axis}}}));
}

/// sort(v, key), top(v, k, key) and kth(v, k, key).
Value PrimitiveChecker::inOrder(const Call &call) {
  if (!hasAxes(call, 1) || call.v->type.shape.size() != 1)
    return wrong(call, "a vector", "write `flatten(…)` around it");
  const bool isSort = call.info.primitive == Primitive::Sort;
  Type type = call.v->type;
  const int64_t size = type.shape[0];
  int64_t count = size;
  if (!isSort) {
    const Value &given = call.values[1];
    std::optional<int64_t> known = build.integer(given, given.span, "how many entries");
    if (!known)
      return Value::error();
    count = *known;
    if (count < 1 || count > size) {
      findings.report(diag::Code::IndexOutOfRange, given.span, "the vector has not as many entries")
          .label("here")
          .found("`" + std::to_string(count) + "`")
          .expected("1 to " + std::to_string(size))
          .help("`k` is 1 for the largest entry")
          .note(call.v->span, call.v->type.str());
      return Value::error();
    }
  }
  const Value &key = call.values[isSort ? 1 : 2];
  const ExprPtr &keys = key.isExpr() ? key.expr : call.v;
  if (!keys->type.isTensor() || !isReal(keys->type) || keys->type.shape != type.shape) {
    findings.report(diag::Code::ShapeMismatch, key.span, "this gives no order to the entries")
        .label(keys->type.str())
        .found(keys->type.str())
        .expected("a vector of " + std::to_string(size) + " reals, one for each entry")
        .help("`key` has an entry for each of the vector")
        .note(call.v->span, call.v->type.str());
    return Value::error();
  }
  type.shape = {count};
  type.perExample |= keys->type.perExample;
  ExprPtr result = build.node(Op::Sorted, {call.v, keys}, type, call.span,
                              {{"count", {count}}, {"ascending", {isSort}}});
  if (call.info.primitive != Primitive::Kth)
    return Value::of(result);
  type.shape = {1};
  result = build.node(Op::Slice, {result}, type, call.span,
                      {{"axis", {0}}, {"begin", {count - 1}}, {"size", {1}}});
  type.shape = {};
  return Value::of(build.node(Op::Reshape, {result}, type, call.span, {{"shape", {}}}));
}

Value PrimitiveChecker::cumsum(const Call &call) {
  if (!hasAxes(call, 1))
    return wrong(call, "a tensor with axes", "a number is its own sum");
  std::optional<int64_t> axis = axisOf(call);
  if (!axis)
    return Value::error();
  return Value::of(build.node(Op::Cumsum, {call.v}, call.v->type, call.span, {{"axis", {*axis}}}));
}

} // namespace advx::sema
