//===- SweepChecker.cpp - The runs that a page asks for --------------------===//

#include "compiler/sema/experiment/SweepChecker.h"
#include "compiler/sema/texts/IndexRanges.h"

#include <algorithm>

namespace advx::sema {

const Setting *SweepChecker::settingOf(const syntax::Arg &axis) {
  const Experiment &e = *sheet.experiment;
  const std::string &path = axis.name.text;
  auto refuse = [&](diag::Code code, const std::string &message, const std::string &found,
                    const std::string &expected, const std::string &help, Span declared = Span()) {
    findings.report(code, axis.name.span, message)
        .label("swept here")
        .found(found)
        .expected(expected)
        .help(help)
        .note(declared, "declared here");
    return nullptr;
  };
  for (const Structural &known : e.structural)
    if (known.path == path)
      return refuse(diag::Code::NotConstant, "`" + path + "` shapes the program",
                    "`" + known.text + "`, which is compiled in", "a number that a run may set",
                    "build a page for each value, and `advx compare` their runs", known.span);
  std::vector<std::string> paths = {"seed"};
  for (const Setting &setting : e.settings) {
    if (setting.isDerived)
      continue;
    paths.push_back(setting.path);
    if (setting.path != path)
      continue;
    if (settingTable.isSchedule(setting.value))
      return refuse(diag::Code::WrongArgument, "`" + path + "` is a schedule",
                    "`" + setting.text + "`", "a constant: one number would replace the schedule",
                    "sweep a part of it, `" + path + ".…`; `info` of the executable lists them",
                    setting.span);
    return &setting;
  }
  return refuse(diag::Code::UnknownName, "unknown setting `" + path + "`", "`" + path + "`",
                "the path of a setting, such as the name of a constant `let`, or `seed`",
                suggestions.suggest(path, paths));
}

std::optional<std::string> SweepChecker::valueText(const Value &value, const syntax::Arg &axis,
                                                   const Setting *setting) {
  const Span place = value.span.isValid() ? value.span : axis.value->span;
  std::optional<Rational> exact = value.isNumber() ? build.evaluate(value.expr) : std::nullopt;
  const bool isBool = value.isNumber() && value.expr->type.element == Type::Element::Bool;
  const bool wantsBool = setting && setting->element == Type::Element::Bool;
  const bool wantsWhole = !setting || setting->element == Type::Element::Int;
  Range range = setting ? setting->range : Range();
  if (!setting)
    range.minimum = 0; // a seed
  if (exact && isBool == wantsBool && (!wantsWhole || exact->isInteger()) &&
      (isBool || range.holds(exact->toDouble()))) {
    settingTable.fix(value.expr);
    return isBool ? (*exact == Rational(0) ? "false" : "true") : exact->str();
  }
  if (!value.isError())
    findings
        .report(diag::Code::WrongArgument, place, "`" + axis.name.text + "` cannot be set to this")
        .label("in this sweep")
        .found(exact ? "`" + exact->str() + "`" : value.str())
        .expected(wantsBool    ? "`true` or `false`"
                  : wantsWhole ? "a whole number, " + range.str()
                               : range.str() + ", known when compiling")
        .help("write values that a run may set");
  return std::nullopt;
}

void SweepChecker::checkAxis(const syntax::Arg &axis) {
  std::vector<SweepAxis> &axes = sheet.experiment->sweep;
  const std::string &path = axis.name.text;
  auto same = std::find_if(axes.begin(), axes.end(),
                           [&](const SweepAxis &other) { return other.path == path; });
  if (same != axes.end()) {
    findings.givenTwice(axis.name.span, path, same->span);
    return;
  }
  const Setting *setting = path == "seed" ? nullptr : settingOf(axis);
  if (!setting && path != "seed")
    return;
  Env env;
  env.scope = sheet.pageScope;
  std::optional<IndexRanges::Range> range = indexRanges.read(*axis.value, env);
  if (!range)
    return;
  if (range->except)
    return findings.unsupported(axis.value->span, "`except` a label in a sweep",
                                "leave a constant class out");
  SweepAxis result{path, {}, axis.name.span};
  for (const Value &value : range->values) {
    std::optional<std::string> text = valueText(value, axis, setting);
    if (!text)
      return;
    if (std::find(result.values.begin(), result.values.end(), *text) != result.values.end()) {
      findings
          .report(diag::Code::DuplicateArgument,
                  value.span.isValid() ? value.span : axis.value->span,
                  "the sweep repeats a value of `" + path + "`")
          .label("the same runs again")
          .found("`" + *text + "` twice")
          .expected("different values")
          .help("remove one of them; to see the spread, sweep `seed`");
      return;
    }
    result.values.push_back(*text);
  }
  axes.push_back(std::move(result));
}

void SweepChecker::check() {
  const syntax::Item *line = nullptr;
  for (const syntax::Item &item : sheet.page->items) {
    if (item.kind != syntax::Item::Kind::Sweep)
      continue;
    if (line) {
      findings.report(diag::Code::RepeatedItem, item.span, "an experiment has one `sweep`")
          .label("the second")
          .expected("one `sweep` line")
          .help("write all axes into one line")
          .note(line->span, "the first");
      return;
    }
    line = &item;
  }
  if (!line)
    return;
  if (!sheet.experiment->outer) {
    if (!sheet.hasLine(syntax::Item::Kind::Outer))
      findings.report(diag::Code::MissingItem, line->span, "a sweep trains, and this page does not")
          .label("sweeps what?")
          .found("no `outer`")
          .expected("`outer minimize …`")
          .help("run `EXE eval --set …` once for each value");
    return;
  }
  const unsigned errors = engine.errorCount();
  for (const syntax::Arg &axis : line->args)
    checkAxis(axis);
  if (engine.errorCount() != errors)
    return;
  int64_t cells = 1;
  for (const SweepAxis &axis : sheet.experiment->sweep)
    cells = std::min(most + 1, cells * static_cast<int64_t>(axis.values.size()));
  sizes.checkRange(cells, 1, most, line->span, "the number of runs");
}

} // namespace advx::sema
