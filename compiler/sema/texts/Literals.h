#ifndef ADVX_SEMA_TEXTS_LITERALS_H
#define ADVX_SEMA_TEXTS_LITERALS_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class ExprChecker;
struct PrimitiveInfo;

/// Vectors, matrices and images that are written out, or lie in a file.
class Literals : Room {
public:
  Literals(const Tools &tools, ExprChecker &exprChecker) : Room(tools), exprChecker(exprChecker) {}

  /// A list as a tensor; null after a report. Lists in a list are the rows of a matrix, the planes
  /// of an image.
  ExprPtr tensorOf(const Value &list, Span span);
  /// `load("mask.npy")`.
  Value load(const PrimitiveInfo &info, const syntax::Expr &call);

private:
  /// The exact numbers of a list of lists of one shape, in order; false where it holds other
  /// things.
  bool constants(const Value &list, std::vector<ExprPtr> &numbers, std::vector<int64_t> &shape,
                 size_t depth);
  ExprPtr shaped(ExprPtr vector, std::vector<int64_t> shape, Span span);
  ExprPtr joined(const Value &list, Span span);

  ExprChecker &exprChecker;
};

} // namespace advx::sema

#endif
