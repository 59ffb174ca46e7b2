//===- BestIndices.cpp - Candidates that share an attack, by number ------------===//

#include "compiler/sema/experiment/BestIndices.h"
#include "compiler/sema/adversaries/Candidates.h"

#include <algorithm>

namespace advx::sema {

std::optional<std::vector<Rational>> BestIndices::constants(const Level &level) {
  const Span span = level.best.children[0]->span;
  std::vector<Rational> values;
  for (const Value &value : level.range.values) {
    std::optional<Rational> exact = value.isNumber() ? build.evaluate(value.expr) : std::nullopt;
    if (!exact) {
      findings.report(diag::Code::NotConstant, span, "`best` goes over constants")
          .label(value.str())
          .found(value.str())
          .expected("numbers that are known when compiling")
          .help("as in `best r in 1..10 of …` or `best t in classes except y of …`");
      return std::nullopt;
    }
    settingTable.fix(value.expr);
    values.push_back(*exact);
  }
  values.resize(candidates.count(level.range), Rational(0));
  return values;
}

ExprPtr BestIndices::setting(const std::string &path, ExprPtr value,
                             const std::vector<Rational> &values, const Level &level) {
  const bool isWhole = std::all_of(values.begin(), values.end(),
                                   [](const Rational &value) { return value.isInteger(); });
  const syntax::Expr &over = *level.best.children[0];
  ExprPtr number = settingTable.setting(path, isWhole ? Type::Element::Int : Type::Element::Real,
                                        std::move(value), findings.source(over.span), false,
                                        level.best.pattern[0].span);
  if (!number)
    return nullptr;
  Setting &setting = sheet.experiment->settings.back();
  setting.isDerived = true;
  setting.report.clear(); // a report shows the candidate's value, not `2..10`
  setting.index = values;
  setting.range.minimum = std::min_element(values.begin(), values.end())->toDouble();
  setting.range.maximum = std::max_element(values.begin(), values.end())->toDouble();
  return number;
}

ExprPtr BestIndices::lookUp(const std::vector<Rational> &values, const ExprPtr &place, Span span) {
  ExprPtr result = build.number(values.back(), span);
  for (size_t i = values.size() - 1; i-- > 0;)
    if (values[i] != values[i + 1] || result->kind != Expr::Kind::Number)
      result = build.select(build.comparison(Predicate::LessEqual, place,
                                             build.number(Rational(static_cast<int64_t>(i)), span),
                                             span),
                            build.number(values[i], span), result, span);
  return result;
}

ExprPtr BestIndices::quotient(const ExprPtr &whole, int64_t size, Span span) {
  if (size == 1)
    return whole;
  ExprPtr middle =
      build.elementwise(Op::Add, {whole, build.number(*Rational::make(1, 2), span)}, span);
  return build.elementwise(
      Op::Floor, {build.elementwise(Op::Div, {middle, build.number(Rational(size), span)}, span)},
      span);
}

Value BestIndices::labelOf(const Level &level, const std::vector<Rational> &values, ExprPtr number,
                           const ExprPtr &place, Span span) {
  const IndexRanges::Range &range = level.range;
  if (!range.except)
    return Value::of(std::move(number));
  if (indexRanges.isAllClasses(range))
    return Value::of(candidates.otherClass(range.except, std::move(number), span));
  std::vector<Rational> instead;
  for (size_t i = 0; i < values.size(); ++i)
    instead.push_back(values[candidates.insteadOf(range, i)]);
  ExprPtr own = labels.labelOf(std::move(number), span);
  ExprPtr other = labels.labelOf(lookUp(instead, place, span), span);
  return Value::of(build.select(build.comparison(Predicate::NotEqual, range.except, own, span), own,
                                other, span));
}

std::optional<size_t> BestIndices::make(const std::vector<Level> &levels, const std::string &path,
                                        Scope &scope) {
  std::vector<std::vector<Rational>> values;
  int64_t total = 1;
  for (const Level &level : levels) {
    std::optional<std::vector<Rational>> own = constants(level);
    if (!own)
      return std::nullopt;
    total = std::min(total * static_cast<int64_t>(own->size()), int64_t{1} << 40);
    values.push_back(std::move(*own));
  }
  const Level &outermost = levels.front();
  if (!sizes.checkRange(total, 1, IndexRanges::most, outermost.best.span,
                        "the number of candidates"))
    return std::nullopt;
  // No constant: its value is another one in each candidate.
  auto varying = [&](const Rational &first, Span span) {
    ExprPtr number =
        build.number(first, span, first.isInteger() ? Type::Element::Int : Type::Element::Real);
    return build.node(Op::StopGradient, {number}, number->type, span);
  };
  const bool areOthers = outermost.range.except && !indexRanges.isAllClasses(outermost.range);
  if (levels.size() == 1 && !areOthers) {
    const syntax::Name &name = outermost.best.pattern[0];
    const Span span = outermost.best.children[0]->span;
    ExprPtr number =
        setting(path + "." + name.text, varying(values[0].front(), span), values[0], outermost);
    if (!number)
      return std::nullopt;
    Value bound = labelOf(outermost, values[0], number, nullptr, span);
    bound.span = name.span;
    scope.names[name.text] = bound;
    return number->index;
  }
  // One number counts the candidates, and each index follows from it.
  std::vector<Rational> places;
  for (int64_t i = 0; i < total; ++i)
    places.push_back(Rational(i));
  ExprPtr count =
      setting(path + ".candidate", varying(Rational(0), outermost.best.span), places, outermost);
  if (!count)
    return std::nullopt;
  int64_t stride = total;
  for (size_t i = 0; i < levels.size(); ++i) {
    const auto size = static_cast<int64_t>(values[i].size());
    const syntax::Name &name = levels[i].best.pattern[0];
    const Span span = levels[i].best.children[0]->span;
    ExprPtr place = quotient(count, stride / size, span);
    if (i > 0)
      place = build.elementwise(
          Op::Sub,
          {place,
           build.elementwise(
               Op::Mul, {build.number(Rational(size), span), quotient(count, stride, span)}, span)},
          span);
    stride /= size;
    ExprPtr number =
        setting(path + "." + name.text, lookUp(values[i], place, span), values[i], levels[i]);
    if (!number)
      return std::nullopt;
    Value bound = labelOf(levels[i], values[i], number, place, span);
    bound.span = name.span;
    scope.names[name.text] = bound;
  }
  return count->index;
}

} // namespace advx::sema
