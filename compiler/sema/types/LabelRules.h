#ifndef ADVX_SEMA_TYPES_LABELRULES_H
#define ADVX_SEMA_TYPES_LABELRULES_H

#include "compiler/sema/scopes/Values.h"

namespace advx::sema {

class Expressions;
class Findings;
class Sheet;

/// Classes by their numbers, beside labels of examples.
class LabelRules {
public:
  LabelRules(Sheet &sheet, Findings &findings, Expressions &build)
      : sheet(sheet), findings(findings), build(build) {}

  ExprPtr compare(Predicate predicate, ExprPtr lhs, ExprPtr rhs, Span span);
  /// Whether this can stand for a label: one, a number, or a choice between such.
  static bool namesClass(const ExprPtr &expr);
  /// The label that such an expression means; null after a report.
  ExprPtr classLabel(const ExprPtr &expr, Span span);
  /// `value` as a label where `wanted` is one and it can stand for one; else unchanged.
  Value asLabel(const syntax::TypeExpr &wanted, const Value &value, Span span);
  /// The numbers 0 to `size` - 1.
  ExprPtr places(int64_t size, Span span);
  /// The label that a whole number from 0 to `classes` - 1 means, which the step computes.
  ExprPtr labelOf(ExprPtr number, Span span);
  /// What the index of a `best` runs over; null for other numbers.
  const std::vector<Rational> *indexOf(const ExprPtr &number) const;
  /// Whether all that an index runs over is whole and from 0 to `size` - 1; reports where not.
  bool indexFits(const ExprPtr &number, int64_t size, Span span);

private:
  /// What compiling decides of `c == infinity`: no setting is infinite. Nothing where c may be.
  static std::optional<bool> comparedWithInfinity(Predicate predicate, const Expr &lhs,
                                                  const Expr &rhs);

  Sheet &sheet;
  Findings &findings;
  Expressions &build;
};

} // namespace advx::sema

#endif
