//===- ReportTexts.cpp - Texts of the page in which settings stand for values ---===//
//
// A table says what an attack maximised, where and how, at the numbers that ran. So
// these texts keep apart the words of the page and the settings between them: names
// of numbers, arguments, and defaults that nobody wrote.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/experiment/ReportTexts.h"
#include "compiler/sema/scopes/Program.h"
#include "compiler/sema/scopes/Sheet.h"
#include "compiler/sema/types/Expressions.h"

#include <cctype>

namespace advx::sema {

void append(ReportText &text, const ReportText &more) {
  for (const ReportPiece &piece : more)
    if (!piece.setting && !text.empty() && !text.back().setting)
      text.back().text += piece.text;
    else
      text.push_back(piece);
}

namespace {

/// On one line, with single spaces.
std::string words(const std::string &text) {
  std::string result;
  for (char c : text) {
    bool space = std::isspace(static_cast<unsigned char>(c));
    if (!space || result.empty() || result.back() != ' ')
      result += space ? ' ' : c;
  }
  return result;
}

/// Whether a text has digits and signs alone: `8/255`, `1e-3`.
bool isLiteral(const std::string &text) {
  for (size_t i = 0; i < text.size(); ++i) {
    bool exponent = i > 0 && (text[i] == 'e' || text[i] == 'E') &&
                    std::isdigit(static_cast<unsigned char>(text[i - 1]));
    if (!exponent && std::string("0123456789.+-*/() ").find(text[i]) == std::string::npos)
      return false;
  }
  return !text.empty();
}

} // namespace

std::string ReportTexts::reportNumber(const ExprPtr &value, const std::string &text) {
  if (value->kind == Expr::Kind::Setting)
    return sheet.experiment->settings[value->index].report;
  if (isLiteral(text))
    return text;
  std::optional<Rational> exact = build.evaluate(value);
  if (!exact)
    return "";
  if (value->type.element == Type::Element::Bool)
    return *exact == Rational(0) ? "false" : "true";
  return exact->str();
}

void ReportTexts::noteNumber(Span span, const ExprPtr &value) {
  if (!value || !value->type.isNumber())
    return;
  auto [noted, isNew] = notedNumbers.try_emplace({span.file, span.begin}, span.end, value);
  if (isNew)
    return;
  // The index of a loop is another number in each round: nothing is noted, its name stands for all.
  const ExprPtr &before = noted->second.second;
  bool same = before && before->kind == value->kind &&
              (value->kind == Expr::Kind::Setting  ? before->index == value->index
               : value->kind == Expr::Kind::Number ? before->value == value->value
                                                   : true);
  noted->second = {span.end, same ? value : nullptr};
}

ReportText ReportTexts::reportValue(const Value &value, Span span) const {
  if (value.isNumber() && value.expr->kind == Expr::Kind::Setting)
    return {{"", value.expr->index}};
  if (value.isNumber() && value.expr->kind == Expr::Kind::Number && !span.isValid())
    return {{value.expr->value.str(), std::nullopt}};
  return span.isValid() ? reportText(span) : ReportText();
}

ReportText ReportTexts::reportText(Span span) const {
  ReportText result;
  uint32_t from = span.begin;
  auto noted = notedNumbers.lower_bound({span.file, span.begin});
  for (; noted != notedNumbers.end() && noted->first.first == span.file; ++noted) {
    const auto &[end, value] = noted->second;
    uint32_t begin = noted->first.second;
    if (end > span.end)
      break;
    bool shown = value && (value->kind == Expr::Kind::Setting || value->kind == Expr::Kind::Number);
    if (begin < from || !shown)
      continue;
    append(result, {{words(std::string(program.sourceManager().text({span.file, from, begin}))),
                     std::nullopt}});
    append(result, reportValue(Value::of(value), Span()));
    from = end;
  }
  append(result, {{words(std::string(program.sourceManager().text({span.file, from, span.end}))),
                   std::nullopt}});
  return result;
}

} // namespace advx::sema
