//===- MemberChecker.cpp - What stands behind a point ------------------------===//

#include "compiler/sema/texts/MemberChecker.h"
#include "compiler/sema/texts/ExprChecker.h"

#include <algorithm>

namespace advx::sema {

using Kind = syntax::Expr::Kind;
using diag::NamePlace;

namespace {

/// Whether this follows the point of `1.e3`.
bool plainExponent(const std::string &text) {
  return (text[0] == 'e' || text[0] == 'E') &&
         text.find_first_not_of("0123456789", 1) == std::string::npos;
}

} // namespace

Value MemberChecker::check(const syntax::Expr &expr, Env &env) {
  const syntax::Expr &base = *expr.children[0];
  if (base.kind == Kind::Number) {
    findings.report(diag::Code::ForeignSpelling, base.span, "a number does not end with its point")
        .label("not .advx")
        .found("`" + findings.source(expr.span) + "`")
        .expected("digits on both sides of the point, or no point")
        .help("write `" + base.text + ".0" + (plainExponent(expr.text) ? expr.text : "") + "`");
    return Value::error();
  }
  const syntax::Expr *root = &base;
  while (root->kind == Kind::Member)
    root = root->children[0].get();
  const std::vector<std::string> known = suggestions.callableNames(*env.scope);
  const std::string plain = diag::plainName(expr.text);
  auto ours = std::find_if(known.begin(), known.end(),
                           [&](const std::string &name) { return diag::plainName(name) == plain; });
  if (root->kind == Kind::Name && !env.scope->find(root->text) &&
      program.find(Decl::Kind::Fn, root->text, env.scope->file).empty()) {
    const std::string whole = findings.source(expr.span);
    if (!suggestions.isFirstUnknown(whole, expr.span))
      return Value::error();
    std::string help =
        suggestions.foreignHelp({NamePlace::Function, NamePlace::Value, NamePlace::Network,
                                 NamePlace::Schedule, NamePlace::Method},
                                expr.text, known, "");
    if (ours != known.end() && help.empty())
      help = "write `" + *ours + "`: names have no module before them";
    findings.report(diag::Code::UnknownName, expr.span, "unknown name `" + whole + "`")
        .label("nothing declares this")
        .found("`" + whole + "`")
        .expected("a name of the page or of the library, which has no modules")
        .help(help.empty() ? suggestions.suggest(expr.text, known) : help);
    return Value::error();
  }
  Value value = exprChecker.check(base, env);
  if (value.isError())
    return value;
  const std::string operand = findings.source(base.span);
  std::string help = suggestions.foreignHelp({NamePlace::Method}, expr.text, known, operand);
  if (help.empty() && ours != known.end())
    help = value.kind == Value::Kind::Layer
               ? "layers are joined by `>>`: write `" + operand + " >> " + *ours + "`"
               : "write `" + *ours + "(" + operand + ")`";
  if (help.empty())
    help = suggestions.foreignHelp({NamePlace::Function}, expr.text, known, operand);
  findings.report(diag::Code::WrongType, expr.textSpan, "`." + expr.text + "` names nothing here")
      .label("values have no members")
      .found("`" + findings.source(expr.span) + "`")
      .expected("a function of the value, as in `sum(v)`")
      .help(help.empty() ? "use the value itself" : help);
  return Value::error();
}

} // namespace advx::sema
