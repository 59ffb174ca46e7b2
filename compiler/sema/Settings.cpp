//===- Settings.cpp - Numbers that a run may change, and how they print -------===//

#include "compiler/sema/Checker.h"

#include <algorithm>

namespace advx::sema {

ExprPtr Checker::setting(const std::string &path, Type::Element element, ExprPtr value,
                         const std::string &text, bool isDefault, Span span) {
  if (!value)
    return nullptr;
  auto expr = std::make_shared<Expr>();
  expr->kind = Expr::Kind::Setting;
  expr->name = path;
  expr->type.element = element;
  expr->span = value->span;
  expr->index = experiment->settings.size();
  Setting setting;
  setting.path = path;
  setting.element = element;
  setting.value = std::move(value);
  setting.text = text;
  setting.isDefault = isDefault;
  setting.span = span;
  experiment->settings.push_back(std::move(setting));
  return expr;
}

Setting *Checker::settingOf(const ExprPtr &expr) {
  return expr && expr->kind == Expr::Kind::Setting ? &experiment->settings[expr->index] : nullptr;
}

std::string Checker::freePath(const std::string &role, const std::string &fallback,
                              const std::string &param) const {
  std::string path = role + "." + param;
  const bool taken = std::any_of(experiment->settings.begin(), experiment->settings.end(),
                                 [&](const Setting &setting) { return setting.path == path; });
  return taken ? role + "." + fallback + "." + param : path;
}

void Checker::structural(const std::string &path, const std::string &text, bool isDefault,
                         Span span) {
  for (const Structural &known : experiment->structural)
    if (known.path == path)
      return;
  experiment->structural.push_back({path, text, isDefault, span});
}

void Checker::insertArgument(const syntax::Expr &call, const std::string &param,
                             const std::string &text) {
  if (!page || call.span.file != page->span.file || call.span.begin < page->span.begin ||
      call.span.end > page->span.end || text.empty() || call.kind != syntax::Expr::Kind::Call)
    return;
  uint32_t offset = call.span.end - 1;
  bool first = call.args.empty();
  for (const Edit &edit : pageEdits)
    first &= edit.offset != offset;
  pageEdits.push_back({offset, 0, (first ? "" : ", ") + param + " = " + text});
}

/// Whether the number, written out, has more parts than anybody reads: what has several readers is
/// written once for each of them. Takes its parts from `left`.
bool Checker::isTooLong(const ExprPtr &expr, unsigned &left) {
  if (left == 0)
    return true;
  --left;
  if (expr->kind == Expr::Kind::Setting) {
    const Setting &used = experiment->settings[expr->index];
    return used.path.find('.') != std::string::npos && isTooLong(used.value, left);
  }
  return std::any_of(expr->args.begin(), expr->args.end(),
                     [&](const ExprPtr &arg) { return isTooLong(arg, left); });
}

/// A Number as .advx text in terms of the page: settings that are lets by name, others by value.
std::string Checker::printNumber(const ExprPtr &expr, Span written) {
  unsigned parts = 200;
  return isTooLong(expr, parts) ? source(written) : printNumber(expr, 0u);
}

/// Whether the text of a number names something of the page.
bool Checker::isNamed(const ExprPtr &expr) {
  if (expr->kind == Expr::Kind::Clock || expr->kind == Expr::Kind::Local)
    return true;
  if (expr->kind == Expr::Kind::Setting) {
    const Setting &used = experiment->settings[expr->index];
    return used.path.find('.') == std::string::npos || isNamed(used.value);
  }
  return std::any_of(expr->args.begin(), expr->args.end(),
                     [&](const ExprPtr &arg) { return isNamed(arg); });
}

std::string Checker::printNumber(const ExprPtr &expr, unsigned level) {
  auto wrap = [&](std::string text) { return level ? "(" + text + ")" : text; };
  if (!isNamed(expr))
    if (std::optional<Rational> exact = evaluate(expr)) {
      if (expr->type.element == Type::Element::Bool)
        return *exact == Rational(0) ? "false" : "true";
      std::string text = exact->str();
      return exact->isInteger() && !(*exact < Rational(0)) ? text : wrap(text);
    }
  switch (expr->kind) {
  case Expr::Kind::Setting: {
    const Setting &used = experiment->settings[expr->index];
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
  static const std::map<std::string, std::string> infix = {
      {"add", " + "},  {"sub", " - "},           {"mul", " * "},        {"div", " / "},
      {"pow", " ** "}, {"logical_and", " and "}, {"logical_or", " or "}};
  static const char *predicates[] = {" == ", " != ", " < ", " <= ", " > ", " >= "};
  static const std::map<std::string, std::string> calls = {{"maximum", "max"}, {"minimum", "min"}};
  auto arg = [&](size_t i) { return printNumber(expr->args[i], level + 1); };
  auto it = infix.find(expr->name);
  if (it != infix.end())
    return wrap(arg(0) + it->second + arg(1));
  if (expr->name == "compare")
    return wrap(arg(0) + predicates[expr->ints.at("predicate")[0]] + arg(1));
  if (expr->name == "neg")
    return wrap("-" + arg(0));
  if (expr->name == "logical_not")
    return wrap("not " + arg(0));
  if (expr->name == "select")
    return "(if " + printNumber(expr->args[0], 0u) + " then " + printNumber(expr->args[1], 0u) +
           " else " + printNumber(expr->args[2], 0u) + ")";
  auto call = calls.find(expr->name);
  std::string text = (call == calls.end() ? expr->name : call->second) + "(";
  for (size_t i = 0; i < expr->args.size(); ++i)
    text += (i ? ", " : "") + printNumber(expr->args[i], 0u);
  return text + ")";
}

} // namespace advx::sema
