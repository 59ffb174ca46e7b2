#ifndef ADVX_SEMA_TYPES_WEIGHTRULES_H
#define ADVX_SEMA_TYPES_WEIGHTRULES_H

//===- WeightRules.h - Weights as values of the language --------------------===//
//
// Weights are a tensor for each leaf of a group. What is done to them is done to each
// tensor: `w + v` is a sum for each leaf, so that lowering, derivatives and fusion meet
// tensors only. They are one expression where they are bound, passed on or applied.
//
// A value of kind Weights may also hold one number for each leaf, as `radius(V)` does;
// such a value is no weights and cannot be bound by `var`, passed or applied.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/scopes/Values.h"

#include <functional>

namespace advx::sema {

class Expressions;
class Findings;
class Sheet;
struct PrimitiveInfo;

class WeightRules {
public:
  WeightRules(Sheet &sheet, Findings &findings, Expressions &build)
      : sheet(sheet), findings(findings), build(build) {}

  /// `weights(f)` of features, or of a head and the features below it.
  Value weightsOf(const Value &model, Span span);
  /// Those of a value that a function of the language names: matrices, norms, biases. Reports
  /// where there are none.
  Value groupOf(const PrimitiveInfo &which, const Value &weights, Span span);
  /// The value of an expression of type Weights.
  Value ofWhole(ExprPtr whole);
  /// One expression of type Weights; reports where the value holds a number for each leaf.
  ExprPtr whole(const Value &weights, Span span);
  /// Whether the value holds one number for each leaf.
  static bool isNumbers(const Value &weights);

  /// `of` at each leaf: of arguments that are weights their tensor there, the others as they are.
  Value each(const std::vector<Value> &args, Span span,
             const std::function<Value(std::vector<Value>)> &of);
  /// The same for `+` and `-`, where a tensor that one side lacks is 0.
  Value sum(const Value &left, const Value &right, bool isDifference, Span span);
  /// The arguments at leaf `i` of the group.
  static std::vector<Value> at(const std::vector<Value> &args, size_t i);

  const WeightGroup *group(const Model &model, std::vector<const Leaf *> leaves,
                           const std::string &name);
  Value bundle(const WeightGroup &group, std::vector<Value> elements, Span span);

private:
  Value differ(const WeightGroup &left, const WeightGroup &right, Span span);

  Sheet &sheet;
  Findings &findings;
  Expressions &build;
  std::map<std::vector<const Leaf *>, const WeightGroup *> groups;
};

} // namespace advx::sema

#endif
