//===- Vectors.cpp - Products and entries of vectors and matrices ------------===//

#include "compiler/sema/types/Vectors.h"
#include "compiler/sema/scopes/Findings.h"
#include "compiler/sema/scopes/Sheet.h"
#include "compiler/sema/scopes/SizeLimits.h"
#include "compiler/sema/types/Expressions.h"
#include "compiler/sema/types/LabelRules.h"

namespace advx::sema {

namespace {
/// The operand of a transposed matrix, or null.
ExprPtr transposed(const ExprPtr &expr) {
  if (expr->is(Op::Transpose) && expr->type.shape.size() == 2)
    return expr->args[0];
  return nullptr;
}
} // namespace

ExprPtr Vectors::product(ExprPtr lhs, ExprPtr rhs, Span span) {
  Type type;
  type.kind = Type::Kind::Tensor;
  type.perExample = lhs->type.perExample || rhs->type.perExample;
  auto mismatch = [&](const std::string &expected) -> ExprPtr {
    findings.report(diag::Code::ShapeMismatch, span, "the shapes do not fit a matrix product")
        .label("inner sizes differ")
        .found(lhs->type.str() + " @ " + rhs->type.str())
        .expected(expected)
        .help("transpose one side, or use `*` for the elementwise product")
        .note(lhs->span, lhs->type.str())
        .note(rhs->span, rhs->type.str());
    return nullptr;
  };
  if (!lhs->type.isTensor() || !rhs->type.isTensor() || lhs->type.anyShape || rhs->type.anyShape ||
      lhs->type.element != Type::Element::Real || rhs->type.element != Type::Element::Real)
    return mismatch("matrices or vectors of reals on both sides");
  size_t l = lhs->type.shape.size(), r = rhs->type.shape.size();
  if (l == 1 && r == 1) {
    if (lhs->type.shape != rhs->type.shape)
      return mismatch("vectors of equal length");
    return build.reduceSum(build.elementwise(Op::Mul, {lhs, rhs}, span), span);
  }
  if (l == 2 && r == 1) {
    if (lhs->type.shape[1] != rhs->type.shape[0])
      return mismatch("matrix[m, n] @ vector[n]");
    type.shape = {lhs->type.shape[0]};
    ExprPtr inner = transposed(lhs);
    if ((inner ? inner : lhs)->type.perExample) {
      findings.unsupported(lhs->span, "a matrix of one example in a product");
      return nullptr;
    }
    return build.node(Op::Matvec, {inner ? inner : lhs, rhs}, type, span,
                      {{"transpose", {inner != nullptr}}});
  }
  if (l == 1 && r == 2) {
    if (lhs->type.shape[0] != rhs->type.shape[0])
      return mismatch("vector[m] @ matrix[m, n]");
    type.shape = {rhs->type.shape[1]};
    ExprPtr inner = transposed(rhs);
    return build.node(Op::Matvec, {inner ? inner : rhs, lhs}, type, span,
                      {{"transpose", {inner == nullptr}}});
  }
  if (l == 2 && r == 2) {
    if (lhs->type.shape[1] != rhs->type.shape[0])
      return mismatch("matrix[m, k] @ matrix[k, n]");
    type.shape = {lhs->type.shape[0], rhs->type.shape[1]};
    if (!sizes.checkSize(type.shape, span, "the product"))
      return nullptr;
    ExprPtr a = transposed(lhs), b = transposed(rhs);
    return build.node(Op::Matmul, {a ? a : lhs, b ? b : rhs}, type, span,
                      {{"transpose_a", {a != nullptr}}, {"transpose_b", {b != nullptr}}});
  }
  return mismatch("matrices or vectors on both sides");
}

ExprPtr Vectors::oneHot(ExprPtr label, Span span) {
  if (!label)
    return nullptr;
  if (label->type.element == Type::Element::Real && label->type.shape.size() == 1)
    return label; // A distribution already.
  syntax::TypeExpr wanted;
  wanted.name.text = "label";
  label = labels.asLabel(wanted, Value::of(label), span).expr;
  if (!label)
    return nullptr;
  if (!label->type.isTensor() || label->type.element != Type::Element::Int) {
    findings.report(diag::Code::WrongType, label->span, "a label is needed here")
        .label(label->type.str())
        .found(label->type.str())
        .expected("`label`")
        .help("use `y` or `predict(…)`");
    return nullptr;
  }
  ExprPtr hot = mask(std::move(label), sheet.experiment->data.classes, span);
  Type type = hot->type;
  type.element = Type::Element::Real;
  return build.node(Op::Cast, {hot}, type, span);
}

ExprPtr Vectors::mask(ExprPtr label, int64_t size, Span span) {
  Type type;
  type.kind = Type::Kind::Tensor;
  type.element = Type::Element::Bool;
  type.shape = {size};
  type.perExample = label->type.perExample;
  return build.node(Op::OneHot, {std::move(label)}, type, span, {{"classes", {size}}});
}

ExprPtr Vectors::entryAt(ExprPtr base, ExprPtr index, Span span) {
  if (!base || !index)
    return nullptr;
  if (!base->type.isTensor() || base->type.shape.size() != 1) {
    findings.report(diag::Code::WrongType, span, "only a vector can be indexed")
        .label("indexed here")
        .found(base->type.str())
        .expected("`vector[n]`")
        .help("reduce or flatten it first")
        .note(base->span, base->type.str());
    return nullptr;
  }
  int64_t size = base->type.shape[0];
  if (labels.indexOf(index)) {
    if (!labels.indexFits(index, size, index->span))
      return nullptr;
    ExprPtr hot = build.comparison(Predicate::Equal, labels.places(size, span), index, span);
    return build.reduceSum(build.select(hot, base, build.number(Rational(0), span), span), span);
  }
  if (index->type.isNumber()) {
    std::optional<int64_t> place = build.integer(Value::of(index), index->span, "an index");
    if (!place)
      return nullptr;
    if (*place < 0 || *place >= size) {
      findings.report(diag::Code::IndexOutOfRange, index->span, "the index lies outside the vector")
          .label("here")
          .found("`" + std::to_string(*place) + "`")
          .expected("0 to " + std::to_string(size - 1))
          .help("indices count from 0")
          .note(base->span, base->type.str());
      return nullptr;
    }
    Type type = base->type;
    type.shape = {1};
    ExprPtr slice = build.node(Op::Slice, {base}, type, span,
                               {{"axis", {0}}, {"begin", {*place}}, {"size", {1}}});
    type.shape = {};
    return build.node(Op::Reshape, {slice}, type, span, {{"shape", {}}});
  }
  if (index->type.isScalar() && index->type.element == Type::Element::Real) {
    if (!LabelRules::namesClass(index)) {
      findings.report(diag::Code::WrongType, index->span, "an index is the number of an entry")
          .label(index->type.str())
          .found(index->type.str())
          .expected("a label, a constant, or a distribution over the entries")
          .help("as in `v[y]` or `v[2]`");
      return nullptr;
    }
    index = labels.classLabel(index, index->span);
    if (!index)
      return nullptr;
  }
  if (index->type.element == Type::Element::Int) {
    ExprPtr hot = mask(index, size, span);
    return build.reduceSum(build.select(hot, base, build.number(Rational(0), span), span), span);
  }
  // A distribution over the classes: the mean under it.
  return build.reduceSum(build.elementwise(Op::Mul, {index, base}, span), span);
}

} // namespace advx::sema
