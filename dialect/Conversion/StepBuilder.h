#ifndef ADVX_DIALECT_CONVERSION_STEPBUILDER_H
#define ADVX_DIALECT_CONVERSION_STEPBUILDER_H

//===- StepBuilder.h - Problem-tier regions inlined and batched -----------===//

#include "dialect/IR/AdvxOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::advx {

/// Emits one step function: problem-tier regions are cloned into it with every
/// network, head, function and objective inlined, and every result type inferred
/// anew from the operands. Since x and y carry the batch axis, exactly the values
/// that depend on the example come to carry it too.
class StepBuilder {
public:
  StepBuilder(ExperimentOp experiment, OpBuilder &builder)
      : experiment(experiment), builder(builder), symbols(experiment) {}

  /// The values a region of the page sees, and the adversary whose solver is being
  /// inlined, if any. `path` starts the names of random streams.
  struct Scope {
    std::string path;
    SmallVector<Value> values; ///< x, y, the variables of earlier inner problems.
    AdversaryOp adversary;
    /// Forwards of the objective that do not depend on the candidate and are not
    /// in mode eval, emitted once before the solver.
    llvm::DenseMap<Operation *, Value> shared;
  };

  /// Clones the block with its arguments mapped to `arguments`, at the builder's
  /// insertion point; answers the operands of its terminator. With `wanted`, only
  /// what those operands need is cloned, and the others are null.
  FailureOr<SmallVector<Value>> inlineBlock(Block &block, ValueRange arguments, Scope &scope,
                                            ArrayRef<bool> wanted = {});

  /// x' of an adversary whose regions see `scope.values`; no gradient flows back.
  FailureOr<Value> adversary(AdversaryOp op, Scope &scope);

  /// The current value of each leaf; training forwards replace those of buffers.
  llvm::MapVector<StringAttr, Value> leaves;
  /// The batched dataset indices, which key the draws.
  Value index;
  /// Any batched value; of it only the number of examples is used.
  Value like;

private:
  struct Forward {
    Operation *network;
    Value input;
    ModelMode mode;
    int64_t occurrence;
    Value result;
  };

  LogicalResult inlineOp(Operation &op, IRMapping &map, Scope &scope);
  LogicalResult inferred(Operation &op, IRMapping &map);
  FailureOr<Value> apply(ApplyOp op, Value input, Scope &scope);
  LogicalResult batchNorm(BatchNormOp op, IRMapping &map);
  void dropout(DropoutOp op, IRMapping &map);
  void draw(DrawOp op, IRMapping &map, Scope &scope);
  LogicalResult loop(scf::ForOp op, IRMapping &map, Scope &scope);
  LogicalResult shareForwards(AdversaryOp op, Scope &scope);
  Value batched(Value value);
  /// The number of examples, f64.
  Value examples(Location loc);
  /// The sum over the batch of what is the same for every example.
  Value timesExamples(Value value);
  SmallVector<Value> loopCounters();

  ExperimentOp experiment;
  OpBuilder &builder;
  SymbolTable symbols;
  SmallVector<Forward> forwards;
  ModelMode mode = ModelMode::eval;
  /// Number of the forward in a mode other than eval; forwards draw their own masks.
  unsigned forwardCount = 0;
};

} // namespace mlir::advx

#endif // ADVX_DIALECT_CONVERSION_STEPBUILDER_H
