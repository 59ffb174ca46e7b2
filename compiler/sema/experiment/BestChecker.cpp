//===- BestChecker.cpp - `best i in I of A` of an evaluation --------------===//
//
// The candidates share one adversary, in which the index is a number that the runtime sets for each
// of them. They are lines like those of a `worst`: each attacks the images that the others before
// it left, and the image counts as robust if every one of them leaves it right.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/Visit.h"
#include "compiler/sema/adversaries/AdversaryChecker.h"
#include "compiler/sema/experiment/EvaluationChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/IndexRanges.h"

#include <algorithm>
#include <functional>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

std::optional<EvaluationChecker::Index>
EvaluationChecker::makeIndex(const syntax::Expr &best, const std::string &path, ScopePtr scope) {
  const syntax::Expr &over = *best.children[0];
  const syntax::Name &name = best.pattern[0];
  // Names and calls in a list are starts or sets, which are no numbers.
  if (over.kind == Kind::List)
    for (const syntax::Arg &element : over.args)
      if ((element.value->kind == Kind::Call || element.value->kind == Kind::Name) &&
          !scope->find(element.value->text)) {
        findings.unsupported(element.value->span, "`best` over starts, sets or solvers",
                             "write the candidates out, as lines of `worst { … }`");
        return std::nullopt;
      }
  Env env;
  env.scope = scope;
  std::optional<IndexRanges::Range> range = indexRanges.read(over, env);
  if (!range)
    return std::nullopt;
  std::vector<Rational> values;
  bool isWhole = true;
  for (const Value &value : range->values) {
    if (value.kind == Value::Kind::Set) {
      findings.unsupported(over.span, "`best` over starts, sets or solvers",
                           "write the candidates out, as lines of `worst { … }`");
      return std::nullopt;
    }
    std::optional<Rational> exact = value.isNumber() ? build.evaluate(value.expr) : std::nullopt;
    if (!exact) {
      findings.report(diag::Code::NotConstant, over.span, "`best` goes over constants")
          .label(value.str())
          .found(value.str())
          .expected("numbers that are known when compiling")
          .help("as in `best r in 1..10 of …` or `best t in classes except y of …`");
      return std::nullopt;
    }
    settingTable.fix(value.expr);
    isWhole &= exact->isInteger();
    values.push_back(*exact);
  }
  if (range->except) {
    if (!indexRanges.isAllClasses(*range)) {
      findings.unsupported(over.span, "`except` a label of other indices than all `classes`",
                           "write `classes except y`");
      return std::nullopt;
    }
    values.pop_back();
  }
  // No constant: its value is another one in each candidate.
  Type type;
  type.element = isWhole ? Type::Element::Int : Type::Element::Real;
  ExprPtr first = build.number(values.front(), over.span, type.element);
  ExprPtr number = settingTable.setting(path + "." + name.text, type.element,
                                        build.node(Op::StopGradient, {first}, type, over.span),
                                        findings.source(over.span), false, name.span);
  if (!number)
    return std::nullopt;
  Setting &setting = sheet.experiment->settings.back();
  setting.isDerived = true;
  setting.report.clear(); // a report shows the candidate's value, not `2..10`
  setting.index = values;
  setting.range.minimum = std::min_element(values.begin(), values.end())->toDouble();
  setting.range.maximum = std::max_element(values.begin(), values.end())->toDouble();
  Index index{number->index, Value::of(number)};
  if (range->except) {
    // The classes without the label, in order: from it on, each is the next one.
    ExprPtr label = build.reduceSum(
        build.select(vectors.mask(range->except, sheet.experiment->data.classes, over.span),
                     labels.places(sheet.experiment->data.classes, over.span),
                     build.number(Rational(0), over.span), over.span),
        over.span);
    ExprPtr passed = build.comparison(Predicate::LessEqual, label, number, over.span);
    ExprPtr one = build.number(Rational(1), over.span, Type::Element::Int);
    ExprPtr zero = build.number(Rational(0), over.span, Type::Element::Int);
    ExprPtr target =
        build.elementwise(Op::Add, {number, build.select(passed, one, zero, over.span)}, over.span);
    index.value = Value::of(labels.labelOf(target, over.span));
  }
  index.value.span = name.span;
  return index;
}

bool EvaluationChecker::isWithoutIndex(const Adversary &adversary, size_t setting, Span span) {
  bool reads = false;
  std::function<void(const Expr &)> look = [&](const Expr &part) {
    if (part.kind != Expr::Kind::Setting || reads)
      return;
    reads |= part.index == setting;
    visitExprs(sheet.experiment->settings[part.index].value, look);
  };
  for (const ExprPtr &argument : adversary.setArgs)
    visitExprs(argument, look);
  for (const Function *part : adversary.set->parts)
    visitExprs(part->body, look);
  if (reads)
    findings.unsupported(span, "a set that depends on the index of `best`",
                         "write the candidates out, as lines of `worst { … }`");
  return !reads;
}

void EvaluationChecker::checkBest(const Line &line, Evaluation &evaluation, ScopePtr scope,
                                  const syntax::Expr *defaultSet, EvaluationItem result,
                                  std::vector<std::string> *members) {
  const syntax::Expr &best = line.value;
  const syntax::Expr &tried = *best.children[1];
  const std::string name = result.name, place = evaluation.name + "." + name;
  if (best.pattern.size() != 1)
    return findings.unsupported(best.span, "`best` over several indices", "count them with one");
  if (best.by) {
    findings
        .report(diag::Code::WrongArgument, best.by->span,
                "an evaluation judges every candidate of `best`")
        .label("chooses among them")
        .found("`by " + findings.source(best.by->span) + "`")
        .expected("`best i in I of A` alone: an image is robust if no candidate fools the model")
        .help("remove it");
    return;
  }
  if (tried.kind != Kind::Argmax && tried.kind != Kind::Call)
    return findings.unsupported(tried.span, "`best` of something else than an adversary",
                                "write `argmax E over S by SOLVER` behind `of`");
  std::optional<Index> index = makeIndex(best, place, scope);
  if (!index)
    return;
  auto inner = std::make_shared<Scope>(scope);
  inner->names[best.pattern[0].text] = index->value;
  syntax::Name variable;
  variable.text = sheet.experiment->x->name + "'";
  variable.span = line.span;
  result.kind = EvaluationItem::Kind::Adversary;
  result.adversary =
      adversaryChecker.checkAdversary(tried, place, variable, inner, false, defaultSet);
  if (!result.adversary || !isWithoutIndex(*result.adversary, index->setting, best.span))
    return;
  result.head = adversaryChecker.decidingHead(result.adversary);
  EvaluationItem all = result;
  all.kind = EvaluationItem::Kind::Worst;
  all.adversary = nullptr;
  all.inWorst = members != nullptr;
  const size_t count = sheet.experiment->settings[index->setting].index.size();
  for (size_t i = 0; i < count; ++i) {
    result.name = name + "." + std::to_string(i + 1);
    result.inWorst = true;
    result.index = index->setting;
    result.candidate = i;
    all.of.push_back(result.name);
    evaluation.items.push_back(result);
  }
  evaluation.items.push_back(all);
  if (members)
    members->push_back(name);
  failedLines.erase(place);
}

} // namespace advx::sema
