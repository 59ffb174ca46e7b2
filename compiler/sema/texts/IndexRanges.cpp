//===- IndexRanges.cpp - What an index runs over, and loops that are written out ---===//

#include "compiler/sema/texts/IndexRanges.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/Primitives.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

std::optional<IndexRanges::Range> IndexRanges::refuse(const syntax::Expr &range,
                                                      const std::string &found) {
  findings.report(diag::Code::WrongType, range.span, "an index runs over a range or a list")
      .label("here")
      .found(found)
      .expected("`classes`, `classes except y`, `first..last` or `[…]`")
      .help("as in `k in classes` or `k in 0..3`");
  return std::nullopt;
}

std::optional<IndexRanges::Range> IndexRanges::read(const syntax::Expr &range, Env &env) {
  Range result;
  if (range.kind == Kind::Binary && range.text == "except") {
    std::optional<Range> all = read(*range.children[0], env);
    ExprPtr left = exprChecker.checkExpr(*range.children[1], env);
    if (!all || !left)
      return std::nullopt;
    if (!std::all_of(all->values.begin(), all->values.end(),
                     [](const Value &value) { return value.isExpr(); }))
      return refuse(*range.children[0],
                    "`" + findings.source(range.children[0]->span) + "` before `except`");
    if (left->type.isLabel() && left->type.isScalar() && !all->except) {
      all->except = left;
      return all;
    }
    std::optional<Rational> known = left->type.isNumber() ? build.evaluate(left) : std::nullopt;
    if (!known) {
      findings.report(diag::Code::WrongType, left->span, "`except` leaves out one class")
          .label(left->type.str())
          .found(left->type.str())
          .expected("a label, or the number of a class")
          .help("as in `classes except y`");
      return std::nullopt;
    }
    settingTable.fix(left);
    auto isLeftOut = [&](const Value &value) { return build.evaluate(value.expr) == known; };
    all->values.erase(std::remove_if(all->values.begin(), all->values.end(), isLeftOut),
                      all->values.end());
    return all->values.empty() ? refuse(range, "no index") : all;
  }
  if (range.kind == Kind::List) {
    Value list = exprChecker.check(range, env);
    if (list.isError())
      return std::nullopt;
    result.values = list.elements;
  } else {
    int64_t first = 0, last = -1;
    if (range.kind == Kind::Binary && range.text == "..") {
      std::optional<int64_t> from = build.integer(exprChecker.check(*range.children[0], env),
                                                  range.children[0]->span, "the first index");
      std::optional<int64_t> to = build.integer(exprChecker.check(*range.children[1], env),
                                                range.children[1]->span, "the last index");
      if (!from || !to)
        return std::nullopt;
      first = *from;
      last = *to;
    } else if (range.kind == Kind::Name && range.text == "classes") {
      last = sheet.experiment->data.classes - 1;
    } else {
      Value value = exprChecker.check(range, env);
      if (value.isError())
        return std::nullopt;
      if (value.kind != Value::Kind::List)
        return refuse(range, "`" + findings.source(range.span) + "`");
      result.values = value.elements;
    }
    if (last - first >= most || last < first - most) {
      sizes.checkRange(last - first + 1, 0, most, range.span, "the number of indices");
      return std::nullopt;
    }
    for (int64_t i = first; i <= last; ++i)
      result.values.push_back(Value::of(build.number(Rational(i), range.span, Type::Element::Int)));
  }
  if (result.values.empty())
    return refuse(range, "no index");
  if (static_cast<int64_t>(result.values.size()) > most) {
    sizes.checkRange(static_cast<int64_t>(result.values.size()), 0, most, range.span,
                     "the number of indices");
    return std::nullopt;
  }
  return result;
}

bool IndexRanges::isLoop(const PrimitiveInfo &info, const syntax::Expr &call) {
  const bool folds = info.primitive == Primitive::Sum || info.primitive == Primitive::Mean ||
                     info.primitive == Primitive::Max || info.primitive == Primitive::Min;
  return folds && !call.args.empty() && call.args[0].name.empty() && !call.args[0].key &&
         call.args[0].value->kind == Kind::Binary && call.args[0].value->text == "in";
}

ExprPtr IndexRanges::orNeutral(ExprPtr value, const Value &index, const Range &range, Op combine,
                               Span span) {
  if (!range.except || !value)
    return value;
  ExprPtr neutral = build.number(Rational(0), span);
  if (combine != Op::Add)
    neutral = combine == Op::Maximum ? build.minusInfinity(span) : build.infinity(span);
  ExprPtr kept = labels.compare(Predicate::NotEqual, range.except, index.expr, span);
  return build.select(kept, value, neutral, span);
}

bool IndexRanges::isAllClasses(const Range &range) {
  int64_t next = 0;
  return static_cast<int64_t>(range.values.size()) == sheet.experiment->data.classes &&
         std::all_of(range.values.begin(), range.values.end(), [&](const Value &value) {
           return value.isNumber() && build.evaluate(value.expr) == Rational(next++);
         });
}

bool IndexRanges::isSeveral(const Range &range) {
  const std::optional<Rational> first = build.evaluate(range.values.front().expr);
  return std::any_of(range.values.begin(), range.values.end(),
                     [&](const Value &value) { return build.evaluate(value.expr) != first; });
}

ExprPtr IndexRanges::countOf(const Range &range, Span span) {
  const auto size = static_cast<int64_t>(range.values.size());
  if (!range.except)
    return build.number(Rational(size), span);
  if (isAllClasses(range))
    return build.number(Rational(size - 1), span);
  ExprPtr count;
  for (const Value &value : range.values) {
    ExprPtr one = orNeutral(build.number(Rational(1), span), value, range, Op::Add, span);
    count = !count || !one ? one : build.elementwise(Op::Add, {count, one}, span);
    if (!count)
      return nullptr;
  }
  return count;
}

Value IndexRanges::loop(const PrimitiveInfo &info, const syntax::Expr &call, Env &env) {
  const syntax::Expr &binding = *call.args[0].value;
  const syntax::Expr &name = *binding.children[0];
  if (name.kind != Kind::Name || call.args.size() != 2 || !call.args[1].name.empty()) {
    findings.report(diag::Code::WrongArgument, call.span, "this loop cannot be read")
        .label("here")
        .found("`" + findings.source(call.span) + "`")
        .expected("`" + info.name + "(k in classes, e)`: a name, what it runs over, an expression")
        .help("as in `" + info.name + "(k in classes, ce(f(x), k))`");
    return Value::error();
  }
  std::optional<Range> range = read(*binding.children[1], env);
  if (!range)
    return Value::error();
  if (range->except && !isSeveral(*range)) {
    refuse(*binding.children[1], "one class, and that is left out");
    return Value::error();
  }
  const Op combine = info.primitive == Primitive::Max   ? Op::Maximum
                     : info.primitive == Primitive::Min ? Op::Minimum
                                                        : Op::Add;
  const syntax::Name index{name.text, name.span};
  ExprPtr total;
  for (const Value &value : range->values) {
    Env inner = env.with(std::make_shared<Scope>(env.scope));
    inner.role.clear(); // the numbers of a text that is read several times are no settings
    Value named = value;
    named.span = index.span;
    inner.scope->names[index.text] = named;
    ExprPtr part = exprChecker.checkExpr(*call.args[1].value, inner);
    part = orNeutral(std::move(part), value, *range, combine, call.span);
    total = !total || !part ? part : build.elementwise(combine, {total, part}, call.span);
    if (!total)
      return Value::error();
  }
  if (info.primitive != Primitive::Mean)
    return Value::of(total);
  ExprPtr count = countOf(*range, call.span);
  if (!count)
    return Value::error();
  if (count->kind != Expr::Kind::Number)
    return Value::of(build.elementwise(Op::Div, {total, count}, call.span));
  return Value::of(build.elementwise(
      Op::Mul, {total, build.number(*Rational::make(1, count->value.numerator()), call.span)},
      call.span));
}

} // namespace advx::sema
