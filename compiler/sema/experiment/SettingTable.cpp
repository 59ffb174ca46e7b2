//===- SettingTable.cpp - Numbers that a run may change, and how they print ---===//

#include "compiler/sema/experiment/SettingTable.h"
#include "compiler/sema/Visit.h"
#include "compiler/sema/experiment/ReportTexts.h"
#include "compiler/sema/scopes/Findings.h"
#include "compiler/sema/scopes/Sheet.h"
#include "compiler/sema/types/Expressions.h"
#include "compiler/sema/types/Primitives.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <set>

namespace advx::sema {

namespace {

/// The shortest decimal that reads back as `value`; whole numbers without an exponent.
std::string decimal(double value) {
  if (std::isnan(value))
    return "nan"; // without its sign
  char text[64];
  bool isWhole = std::abs(value) < 1e15 && value == std::floor(value);
  return std::string(text, isWhole ? std::to_chars(text, text + sizeof text, int64_t(value)).ptr
                                   : std::to_chars(text, text + sizeof text, value).ptr);
}

/// `range` becomes what lies in both.
void narrow(Range &range, const Range &other) {
  if (other.minimum && (!range.minimum || *range.minimum <= *other.minimum)) {
    range.openMinimum =
        other.openMinimum || (range.openMinimum && *range.minimum == *other.minimum);
    range.minimum = other.minimum;
  }
  if (other.maximum && (!range.maximum || *other.maximum <= *range.maximum)) {
    range.openMaximum =
        other.openMaximum || (range.openMaximum && *range.maximum == *other.maximum);
    range.maximum = other.maximum;
  }
}

} // namespace

bool Range::holds(double value) const {
  return std::isfinite(value) &&
         (!minimum || (openMinimum ? value > *minimum : value >= *minimum)) &&
         (!maximum || (openMaximum ? value < *maximum : value <= *maximum));
}

std::string Range::str() const {
  if (minimum && !maximum)
    return openMinimum ? "above " + decimal(*minimum) : decimal(*minimum) + " or more";
  std::string text;
  if (minimum)
    text = (openMinimum ? "above " : "at least ") + decimal(*minimum) + " and ";
  return maximum ? text + (openMaximum ? "below " : "at most ") + decimal(*maximum)
                 : "a finite number";
}

ExprPtr SettingTable::setting(const std::string &path, Type::Element element, ExprPtr value,
                              const std::string &text, bool isDefault, Span span) {
  if (!value)
    return nullptr;
  for (const Setting &known : sheet.experiment->settings)
    if (known.path == path) {
      findings.report(diag::Code::DuplicateName, span, "two settings are called `" + path + "`")
          .label("the second")
          .expected("one setting for each path")
          .help("rename the evaluation, its line or the parameter")
          .note(known.span, "the first");
      return nullptr;
    }
  auto expr = std::make_shared<Expr>();
  expr->kind = Expr::Kind::Setting;
  expr->name = path;
  expr->type.element = element;
  expr->span = value->span;
  expr->index = sheet.experiment->settings.size();
  Setting setting;
  setting.path = path;
  setting.element = element;
  setting.report = reports.reportNumber(value, text);
  setting.value = std::move(value);
  setting.text = text;
  setting.isDefault = isDefault;
  setting.span = span;
  sheet.experiment->settings.push_back(std::move(setting));
  return expr;
}

Setting *SettingTable::settingOf(const ExprPtr &expr) {
  return expr && expr->kind == Expr::Kind::Setting ? &sheet.experiment->settings[expr->index]
                                                   : nullptr;
}

std::string SettingTable::freePath(const std::string &role, const std::string &fallback,
                                   const std::string &param) const {
  std::string path = role + "." + param;
  for (unsigned number = 1; isPath(path); ++number)
    path = role + "." + fallback + (number > 1 ? std::to_string(number) : "") + "." + param;
  return path;
}

bool SettingTable::isPath(const std::string &path) const {
  return std::any_of(sheet.experiment->settings.begin(), sheet.experiment->settings.end(),
                     [&](const Setting &setting) { return setting.path == path; });
}

bool SettingTable::isOnPage(Span span) const {
  return sheet.page && span.file == sheet.page->span.file && sheet.page->span.begin <= span.begin &&
         span.end <= sheet.page->span.end;
}

void SettingTable::fix(const ExprPtr &number) {
  visitExprs(number, [&](const Expr &part) {
    if (part.kind != Expr::Kind::Setting)
      return;
    const Setting used = sheet.experiment->settings[part.index];
    if (std::any_of(sheet.experiment->structural.begin(), sheet.experiment->structural.end(),
                    [&](const Structural &known) { return known.path == used.path; }))
      return;
    structural(used.path, used.text, used.isDefault, used.span);
    fix(used.value);
  });
}

void SettingTable::takeBack(size_t first) {
  std::vector<Setting> &settings = sheet.experiment->settings;
  while (settings.size() > first && !settings.back().isDerived)
    settings.pop_back();
  for (size_t i = first; i < settings.size(); ++i)
    settings[i].isDerived = true;
}

bool SettingTable::isSchedule(const ExprPtr &value) const {
  bool found = false;
  std::set<size_t> seen;
  std::function<void(const Expr &)> look = [&](const Expr &part) {
    found |= part.kind == Expr::Kind::Clock;
    if (part.kind == Expr::Kind::Setting && !found && seen.insert(part.index).second)
      visitExprs(sheet.experiment->settings[part.index].value, look);
  };
  visitExprs(value, look);
  return found;
}

Type::Element elementOf(const syntax::Param &param) {
  return param.type.name.text == "int"    ? Type::Element::Int
         : param.type.name.text == "bool" ? Type::Element::Bool
                                          : Type::Element::Real;
}

bool SettingTable::isInfinite(const ExprPtr &number) const {
  const Expr &written = number->is(Op::Neg) ? *number->args[0] : *number;
  const std::optional<double> known = build.evaluateReal(number);
  return written.kind == Expr::Kind::Infinity || (known && std::isinf(*known));
}

std::string SettingTable::adopt(BoundArgument &argument, const std::string &path,
                                Type::Element element, const syntax::Expr &call) {
  const bool isDefault = !argument.given;
  if (isInfinite(argument.value.expr)) {
    const std::string &name = argument.param.name.text;
    findings.report(diag::Code::WrongArgument, argument.place, "no setting is infinite")
        .label("infinite")
        .found("`" + findings.source(argument.expr->span) + "` for `" + name + "`")
        .expected("a finite number")
        .help("choose one; a number that is off by default is off for all that share the call, "
              "where none gives it")
        .note(argument.param.span, "declared here");
    argument.value = Value::error();
    return "";
  }
  std::string text = isDefault ? printNumber(argument.value.expr, argument.expr->span)
                               : findings.source(argument.expr->span);
  if (isDefault)
    insertArgument(call, argument.param.name.text, text);
  Span span = argument.value.span;
  argument.value =
      Value::of(setting(path, element, argument.value.expr, text, isDefault, argument.place));
  argument.value.span = span;
  return text;
}

void SettingTable::shape(const BoundArgument &argument, const std::string &path,
                         const syntax::Expr &call) {
  const bool isDefault = !argument.given;
  std::string text = isDefault && argument.value.isNumber()
                         ? printNumber(argument.value.expr, argument.expr->span)
                         : findings.source(argument.expr->span);
  if (isDefault)
    insertArgument(call, argument.param.name.text, text);
  structural(path, text, isDefault, argument.place);
}

void SettingTable::declareParts(const Decl &decl, const syntax::Expr &call, const std::string &role,
                                std::vector<BoundArgument> &arguments) {
  // All parts of a call stand below one role: `outer.lr`, or `outer.lr.cyclic` where the sum of two
  // schedules has two parts of a name.
  std::string below = role;
  auto isTaken = [&](const std::string &candidate) {
    for (const syntax::Param &param : decl.params)
      if (isPath(candidate + "." + param.name.text))
        return true;
    return false;
  };
  for (unsigned count = 1; isTaken(below); ++count)
    below = role + "." + decl.name.text + (count > 1 ? std::to_string(count) : "");
  for (BoundArgument &argument : arguments)
    if (argument.value.isNumber())
      adopt(argument, below + "." + argument.param.name.text, elementOf(argument.param), call);
}

ExprPtr SettingTable::bounded(ExprPtr value, const Range &range, diag::Code code,
                              const std::string &what, const std::string &path, Span span,
                              Type::Element derived) {
  if (!value || !value->type.isNumber())
    return value;
  std::optional<double> known = build.evaluateReal(value);
  if (known && !range.holds(*known)) {
    std::optional<Rational> exact = build.evaluate(value);
    findings
        .report(code, span,
                what + (std::isnan(*known)   ? " is not a number"
                        : std::isinf(*known) ? " is infinite"
                        : *known < 0         ? " is negative"
                                             : " is out of range"))
        .label("here")
        .found("`" + (exact ? exact->str() : decimal(*known)) + "`")
        .expected(range.str())
        .help("choose a number in that range");
    return nullptr;
  }
  if (Setting *used = settingOf(value)) {
    narrow(used->range, range);
    return value;
  }
  if (value->kind == Expr::Kind::Local) {
    ParameterRange none{Range(), code, what};
    narrow(parameterRanges.try_emplace(value->local, none).first->second.range, range);
    return value;
  }
  bool varies = false, closed = true;
  visitExprs(value, [&](const Expr &part) {
    varies |= part.kind == Expr::Kind::Setting || part.kind == Expr::Kind::Clock;
    closed &= part.kind != Expr::Kind::Local;
  });
  if (!varies || !closed)
    return value;
  ExprPtr result = setting(path, derived, value, printNumber(value, span), false, span);
  sheet.experiment->settings.back().isDerived = true;
  sheet.experiment->settings.back().range = range;
  return result;
}

void SettingTable::structural(const std::string &path, const std::string &text, bool isDefault,
                              Span span) {
  for (const Structural &known : sheet.experiment->structural)
    if (known.path == path)
      return;
  sheet.experiment->structural.push_back({path, text, isDefault, span});
}

void SettingTable::insertArgument(const syntax::Expr &call, const std::string &param,
                                  const std::string &text) {
  if (!sheet.page || call.span.file != sheet.page->span.file ||
      call.span.begin < sheet.page->span.begin || call.span.end > sheet.page->span.end ||
      text.empty() || call.kind != syntax::Expr::Kind::Call || call.children.empty())
    return;
  uint32_t offset = call.span.end - 1;
  bool first = call.args.empty();
  for (const Edit &edit : sheet.edits)
    first &= edit.offset != offset;
  sheet.edits.push_back({offset, 0, (first ? "" : ", ") + param + " = " + text});
}

/// Whether the number, written out, has more parts than anybody reads: what has several readers is
/// written once for each of them. Takes its parts from `left`.
bool SettingTable::isTooLong(const ExprPtr &expr, unsigned &left) {
  if (left == 0)
    return true;
  --left;
  if (expr->kind == Expr::Kind::Setting) {
    const Setting &used = sheet.experiment->settings[expr->index];
    return used.path.find('.') != std::string::npos && isTooLong(used.value, left);
  }
  return std::any_of(expr->args.begin(), expr->args.end(),
                     [&](const ExprPtr &arg) { return isTooLong(arg, left); });
}

/// A Number as .advx text in terms of the page: settings that are lets by name, others by value.
std::string SettingTable::printNumber(const ExprPtr &expr, Span written) {
  unsigned parts = 200;
  return isTooLong(expr, parts) ? findings.source(written) : printNumber(expr, 0u);
}

/// Whether the text of a number names something of the page.
bool SettingTable::isNamed(const ExprPtr &expr) {
  if (expr->kind == Expr::Kind::Clock || expr->kind == Expr::Kind::Local)
    return true;
  if (expr->kind == Expr::Kind::Setting) {
    const Setting &used = sheet.experiment->settings[expr->index];
    return used.path.find('.') == std::string::npos || isNamed(used.value);
  }
  return std::any_of(expr->args.begin(), expr->args.end(),
                     [&](const ExprPtr &arg) { return isNamed(arg); });
}

std::string SettingTable::printNumber(const ExprPtr &expr, unsigned level) {
  auto wrap = [&](std::string text) { return level ? "(" + text + ")" : text; };
  if (!isNamed(expr))
    if (std::optional<Rational> exact = build.evaluate(expr)) {
      if (expr->type.element == Type::Element::Bool)
        return *exact == Rational(0) ? "false" : "true";
      std::string text = exact->str();
      return exact->isInteger() && !(*exact < Rational(0)) ? text : wrap(text);
    }
  switch (expr->kind) {
  case Expr::Kind::Setting: {
    const Setting &used = sheet.experiment->settings[expr->index];
    return used.path.find('.') == std::string::npos ? used.path : printNumber(used.value, level);
  }
  case Expr::Kind::Clock:
  case Expr::Kind::Local:
    return expr->name;
  case Expr::Kind::Op:
    break;
  default:
    return expr->value.str();
  }
  auto arg = [&](size_t i) { return printNumber(expr->args[i], level + 1); };
  const char *infix =
      expr->op == Op::Compare ? comparisonText(expr->predicate()) : operatorText(expr->op);
  if (infix)
    return wrap(arg(0) + " " + infix + " " + arg(1));
  if (expr->op == Op::Neg)
    return wrap("-" + arg(0));
  if (expr->op == Op::LogicalNot)
    return wrap("not " + arg(0));
  if (expr->op == Op::Select)
    return "(if " + printNumber(expr->args[0], 0u) + " then " + printNumber(expr->args[1], 0u) +
           " else " + printNumber(expr->args[2], 0u) + ")";
  // A function of two numbers is written by the name that it has for the entries of one tensor.
  std::string text = expr->op == Op::Maximum   ? "max"
                     : expr->op == Op::Minimum ? "min"
                                               : opName(expr->op);
  text += "(";
  for (size_t i = 0; i < expr->args.size(); ++i)
    text += (i ? ", " : "") + printNumber(expr->args[i], 0u);
  return text + ")";
}

} // namespace advx::sema
