#ifndef ADVX_SEMA_TYPES_VECTORS_H
#define ADVX_SEMA_TYPES_VECTORS_H

#include "compiler/sema/scopes/Values.h"

namespace advx::sema {

class Expressions;
class Findings;
class LabelRules;
class Sheet;
class SizeLimits;

/// Vectors and matrices. Each answers null after a report, or where an operand is null.
class Vectors {
public:
  Vectors(Sheet &sheet, Findings &findings, SizeLimits &sizes, Expressions &build,
          LabelRules &labels)
      : sheet(sheet), findings(findings), sizes(sizes), build(build), labels(labels) {}

  /// `lhs @ rhs` of vectors and matrices; a transposed matrix is read as it lies.
  ExprPtr product(ExprPtr lhs, ExprPtr rhs, Span span);
  /// `base[index]` of a vector: by a constant, by a label, or the mean under a distribution.
  ExprPtr entryAt(ExprPtr base, ExprPtr index, Span span);
  /// 1 at the class of a label, among the classes of the data; a distribution stays one.
  ExprPtr oneHot(ExprPtr label, Span span);
  /// True at the place that a label names, among `size`.
  ExprPtr mask(ExprPtr label, int64_t size, Span span);

private:
  Sheet &sheet;
  Findings &findings;
  SizeLimits &sizes;
  Expressions &build;
  LabelRules &labels;
};

} // namespace advx::sema

#endif
