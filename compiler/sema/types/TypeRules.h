#ifndef ADVX_SEMA_TYPES_TYPERULES_H
#define ADVX_SEMA_TYPES_TYPERULES_H

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/sema/scopes/Env.h"

#include <optional>
#include <string>
#include <vector>

namespace advx::sema {

class ExprChecker;
class Expressions;
class Findings;
class Sheet;
class SizeLimits;

/// Which values fit the types that texts write.
class TypeRules {
public:
  TypeRules(Sheet &sheet, Findings &findings, SizeLimits &sizes, Expressions &build,
            ExprChecker &exprChecker)
      : sheet(sheet), findings(findings), sizes(sizes), build(build), exprChecker(exprChecker) {}

  /// Whether `value` fits the type as written; binds free dimensions in `scope`.
  bool fits(const syntax::TypeExpr &type, const Value &value, Scope &scope, std::string &expected);
  std::optional<std::vector<int64_t>> shapeOf(const syntax::TypeExpr &type, const Env &env);
  /// Reports a value that does not fit a parameter of `callee`; `expected` is what `fits` said.
  diag::Diagnostic &misfit(Span place, const syntax::Param &param, const std::string &callee,
                           const Value &value, const std::string &expected);
  bool isKnownType(const syntax::TypeExpr &type);
  /// Whether a value given to a parameter on a line of the page is there without an example: the
  /// numbers of a head and of an optimiser.
  bool isOfPage(const Value &value, const syntax::Expr &expr, const syntax::Param &param,
                const std::string &of);

private:
  std::string spell(const syntax::TypeExpr &type, Scope &scope);

  Sheet &sheet;
  Findings &findings;
  SizeLimits &sizes;
  Expressions &build;
  ExprChecker &exprChecker;
};

} // namespace advx::sema

#endif
