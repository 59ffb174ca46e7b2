//===- InitialiserChecker.cpp - What parameters start with --------------------===//

#include "compiler/sema/texts/InitialiserChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/Initialisers.h"

namespace advx::sema {

std::optional<std::vector<double>>
InitialiserChecker::readNumbers(const std::vector<const syntax::Arg *> &args, Env &env) {
  std::vector<double> numbers;
  for (const syntax::Arg *arg : args) {
    if (!arg)
      continue;
    ExprPtr value = exprChecker.checkExpr(*arg->value, env);
    std::optional<double> number = value ? build.evaluateReal(value) : std::nullopt;
    if (!number) {
      if (value)
        findings.report(diag::Code::NotConstant, arg->span, "an initialiser takes constants")
            .label("not known when compiling")
            .found(value->type.str())
            .expected("a constant")
            .help("write a number");
      return std::nullopt;
    }
    settingTable.fix(value);
    numbers.push_back(*number);
  }
  return numbers;
}

std::optional<Initialiser> InitialiserChecker::check(const syntax::Expr *expr,
                                                     const std::vector<int64_t> &shape,
                                                     int64_t outputAxis,
                                                     std::optional<int64_t> fanIn, Env &env) {
  Fans fans = fansOf(shape, outputAxis);
  if (fanIn)
    fans.in = *fanIn;
  if (!expr)
    return initialiser(InitialiserRule::KaimingUniform, {}, fans);
  if (expr->kind == syntax::Expr::Kind::Number) {
    std::optional<Rational> value = Rational::parse(expr->text);
    return initialiser(InitialiserRule::Constant, {value ? value->toDouble() : 0}, fans);
  }
  const syntax::Expr *callee =
      expr->kind == syntax::Expr::Kind::Call ? expr->children[0].get() : expr;
  const InitialiserInfo *known =
      callee->kind == syntax::Expr::Kind::Name ? findInitialiser(callee->text) : nullptr;
  if (!known) {
    findings
        .report(diag::Code::UnknownName, callee->span,
                "unknown initialiser `" + findings.source(callee->span) + "`")
        .label("not an initialiser")
        .found("`" + findings.source(callee->span) + "`")
        .expected("one of the initialisers of docs/language/primitives.md")
        .help(suggestions.suggest(callee->text, initialiserNames()));
    return std::nullopt;
  }
  std::vector<const syntax::Arg *> bound;
  if (!binder.bindArguments(known->params, known->required, expr->args, 0, expr->span, known->name,
                            Span(), bound))
    return std::nullopt;
  std::optional<std::vector<double>> numbers = readNumbers(bound, env);
  return numbers ? std::optional(initialiser(known->rule, *numbers, fans)) : std::nullopt;
}

} // namespace advx::sema
