#ifndef ADVX_LOWER_BODYBUILDER_H
#define ADVX_LOWER_BODYBUILDER_H

//===- BodyBuilder.h - Checked expressions and statements to SSA ----------===//

#include "compiler/sema/Checked.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <vector>

namespace advx {
class SourceManager;

namespace lower {

/// Emits the ops of one region. Numbers of the checked experiment become f64 (or
/// i1) scalars computed with arith and math; tensors become advx ops of one
/// example. A number meets a tensor through `advx.splat`.
///
/// Variables are SSA values of the types that sema settled: an assignment under a
/// condition is a select, one in `repeat` a loop-carried value, and `stop when` a mask
/// under which all later assignments of that example are kept.
class BodyBuilder {
public:
  /// What the functions emitted so far return.
  using Results = llvm::DenseMap<const sema::Function *, mlir::Type>;

  /// Whose weight a leaf is; running statistics are nobody's.
  using Owners = llvm::DenseMap<const sema::Leaf *, const sema::Model *>;

  BodyBuilder(mlir::OpBuilder &builder, mlir::FloatType floatType, const SourceManager &sources,
              const Results &results, const Owners &owners)
      : builder(builder), floatType(floatType), sources(sources), results(results), owners(owners) {
  }

  void bind(const sema::Local *local, mlir::Value value) { values[local] = value; }
  mlir::Value lookup(const sema::Local *local) const { return values.lookup(local); }
  /// The weights at which the region reads those of the model; otherwise they are those of the
  /// step.
  void bindWeights(const sema::Model *model, mlir::Value weights) { modelWeights[model] = weights; }
  mlir::Value weights(const sema::Model *model, mlir::Location location);
  /// The weights of a group, each tensor a function of its leaf.
  mlir::Value
  bundle(const sema::WeightGroup &group, mlir::Location location,
         llvm::function_ref<mlir::Value(const sema::Leaf &, mlir::RankedTensorType)> tensor);
  mlir::Value weight(mlir::Value weights, const sema::Leaf &leaf, mlir::Location location);
  /// The gradient that `LossGradient` means, in an optimiser.
  void setLossGradient(mlir::Value value) { lossGradient = value; }

  /// The value of an expression: one for all that read it where variables have not changed.
  mlir::Value expr(const sema::Expr &expr);
  /// The expression as a tensor of the step's float type (or i1 for conditions).
  mlir::Value tensorExpr(const sema::Expr &e) { return toTensor(expr(e), location(e.span)); }
  /// Emits statements; answers the value of `return`, or null.
  mlir::Value statements(const std::vector<sema::Stmt> &stmts);
  mlir::Value block(const sema::Block &block);

  /// The MLIR type of a value of a checked type: f64, i1 or a tensor.
  mlir::Type type(const sema::Type &type) const;
  mlir::Location location(Span span) const;
  mlir::Value toTensor(mlir::Value value, mlir::Location location);
  /// The value as what a parameter of `wanted` type takes.
  mlir::Value convert(mlir::Value value, mlir::Type wanted, mlir::Location location);

private:
  mlir::Value emit(const sema::Expr &expr);
  mlir::Value leaf(const sema::Leaf &leaf, mlir::Location location);
  mlir::Value number(const sema::Expr &expr, llvm::ArrayRef<mlir::Value> args);
  mlir::Value tensorOp(const sema::Expr &expr, llvm::ArrayRef<mlir::Value> args);
  mlir::Value call(const sema::Expr &expr);
  mlir::Value gradient(const sema::Expr &expr);
  mlir::Value features(const sema::Expr &expr);
  mlir::Value weightSum(const sema::Expr &expr);
  mlir::Value logits(const sema::Expr &expr);
  mlir::Value constant(double value, mlir::Location location);

  mlir::Value draw(const sema::Stmt &stmt);
  void assign(const sema::Stmt &stmt);
  void repeat(const sema::Stmt &stmt);
  /// What a null stands for is left out: always of `both`, never of `either`.
  mlir::Value both(mlir::Value a, mlir::Value b, mlir::Location location);
  mlir::Value either(mlir::Value a, mlir::Value b, mlir::Location location);
  mlir::Value negate(mlir::Value condition, mlir::Location location);
  mlir::Value choose(mlir::Value condition, mlir::Value a, mlir::Value b, mlir::Location location);

  mlir::OpBuilder &builder;
  mlir::FloatType floatType;
  const SourceManager &sources;
  const Results &results;
  const Owners &owners;
  llvm::DenseMap<const sema::Local *, mlir::Value> values;
  llvm::DenseMap<const sema::Model *, mlir::Value> modelWeights;
  llvm::DenseMap<const sema::Expr *, mlir::Value> emitted; ///< since a variable last changed
  mlir::Value lossGradient;
  /// Under what the current statement takes effect; null means always.
  mlir::Value condition;
  /// Which examples `stop when` has frozen: a tensor, or a number for all; null means none.
  mlir::Value frozen;
};

/// The symbol of the head that is given distributions of labels.
std::string distributionHead(const sema::Head &head);

BodyBuilder::Owners ownersOf(const sema::Experiment &page);

} // namespace lower
} // namespace advx

#endif // ADVX_LOWER_BODYBUILDER_H
