#ifndef ADVX_DIALECT_CONVERSION_STEPBUILDER_H
#define ADVX_DIALECT_CONVERSION_STEPBUILDER_H

//===- StepBuilder.h - Problem-tier regions inlined and batched -----------===//

#include "dialect/Conversion/LoopNeeds.h"
#include "dialect/Conversion/StepWeights.h"
#include "dialect/IR/AdvxOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"

#include <functional>
#include <map>
#include <vector>

namespace mlir::advx {

/// The largest finite number of a float type.
double largest(Type element);

/// Emits one step function: problem-tier regions are cloned into it with every
/// network, head, function and objective inlined, and every result type inferred
/// anew from the operands. Since x and y carry the batch axis, exactly the values
/// that depend on the example come to carry it too.
class StepBuilder {
public:
  StepBuilder(ExperimentOp experiment, OpBuilder &builder);

  /// The values a region of the page sees, and the adversary whose solver is being
  /// inlined, if any. `path` starts the names of random streams.
  struct Scope {
    std::string path;
    SmallVector<Value> values; ///< x, y, the variables of earlier inner problems.
    AdversaryOp adversary;
    /// What has been emitted for all who inline it: forwards of the objective that do not depend
    /// on the candidate and are not in mode eval, sums over weights.
    llvm::DenseMap<Operation *, Value> shared;
    bool held = false; ///< Whether draws are the same in every replay of the batch.
    /// Loops around a draw of the page, which do not count for it.
    size_t loopsOutside = 0;
  };

  /// Clones the block with its arguments mapped to `arguments`, at the builder's
  /// insertion point; answers the operands of its terminator. With `wanted`, only
  /// what those operands need is cloned, and the others are null.
  FailureOr<SmallVector<Value>> inlineBlock(Block &block, ValueRange arguments, Scope &scope,
                                            ArrayRef<bool> wanted = {});

  /// The emitted value of one in a block whose arguments are mapped to `arguments`; only what it
  /// needs is cloned.
  FailureOr<Value> valueOf(Value value, Block &block, ValueRange arguments, Scope &scope);

  /// The point that an adversary finds whose regions see `scope.values`; no gradient flows back.
  FailureOr<Value> adversary(AdversaryOp op, Scope &scope);

  /// The value with the batch axis; weights as they are.
  Value batched(Value value);

  /// Whether, for each example, the first gradient that a solver took is zero in
  /// every entry or not finite; null where no solver took one or none is watched.
  Value vanishing();
  bool watchesGradients = false;

  /// The current value of each leaf, and the current rows of each table; training forwards replace
  /// those of buffers.
  llvm::MapVector<StringAttr, Value> leaves;
  /// From here on, whoever reads the tensors of the network of `weights` reads those of `weights`.
  void moveTo(Value weights);
  /// Of batch norms in mode train, in place of their own; null where it is theirs.
  Value momentum;
  /// What is inlined from here on is inlined anew: `leaves` has other weights and states.
  void restart() { forgetFrom(0); }
  /// The batched dataset indices, which key the draws.
  Value index;
  /// Gives what keys the draws of a whole batch; where there is none, they are those of batch 0.
  std::function<Value()> batchNumber;
  /// Any batched value; of it only the number of examples is used.
  Value like;

private:
  /// What is inlined for what: equal functions and forwards of equal values are one.
  struct Key {
    Operation *callee = nullptr;
    const void *path = nullptr, *block = nullptr;
    SmallVector<int64_t> numbers;
    SmallVector<Value> arguments;

    bool operator<(const Key &other) const {
      auto parts = [](const Key &key) {
        SmallVector<const void *> pointers{key.callee, key.path, key.block};
        for (Value argument : key.arguments)
          pointers.push_back(argument.getAsOpaquePointer());
        return std::make_pair(pointers, key.numbers);
      };
      return parts(*this) < parts(other);
    }
  };

  /// The value of a block of one result, inlined unless it has been for this key.
  FailureOr<Value> once(Key key, Block &block, ValueRange arguments, Scope &scope);
  void remember(Key key, Value value);
  /// What tells the forward of a batched input from others.
  Key forwardKey(ApplyOp op, Value weights, Value input);
  /// Forgets what was inlined after the first `count`.
  void forgetFrom(size_t count);

  LogicalResult inlineOp(Operation &op, IRMapping &map, Scope &scope);
  LogicalResult inferred(Operation &op, IRMapping &map);
  FailureOr<Value> apply(ApplyOp op, Value weights, Value input, Scope &scope);
  /// What the forward that emitted `value` is where its input `from` is `to`. The copy is no
  /// forward of its own: it draws the same masks and updates nothing.
  Value copied(Value value, Value from, Value to);
  LogicalResult batchNorm(BatchNormOp op, IRMapping &map);
  void dropout(DropoutOp op, IRMapping &map, const Scope &scope);
  void draw(DrawOp op, IRMapping &map, Scope &scope);
  LogicalResult loop(scf::ForOp op, IRMapping &map, Scope &scope);
  /// What the loop carries; nothing of it has been emitted.
  LoopNeeds needs(scf::ForOp op, const IRMapping &map, const Scope &scope);
  LogicalResult shareForwards(AdversaryOp op, Scope &scope);
  /// The number of examples, f64.
  Value examples(Location loc);
  /// The sum over the batch of what is the same for every example.
  Value timesExamples(Value value);
  void watchGradient(Value gradient);
  Value truth(bool value, Location loc);
  SmallVector<Value> loopCounters(const Scope &scope);

  ExperimentOp experiment;
  OpBuilder &builder;
  SymbolTable symbols;
  StepWeights weights{experiment, builder, leaves};
  std::map<Key, Value> emitted;
  std::vector<Key> inOrder; ///< the keys of `emitted`
  /// Values that equal another one and are differentiated apart from it, with that other one.
  DenseMap<Value, Value> origins;
  int64_t statistics = 0; ///< changes of running statistics up to now
  ModelMode mode = ModelMode::eval;
  /// Number of the forward in a mode other than eval; forwards draw their own masks.
  unsigned forwardCount = 0;
  LoopAnalysis loopAnalysis;
  /// Inside an objective or a condition, whose gradients are not the solver's.
  bool insideObjective = false;
  /// Where `leaves` keeps, through loops, what is known of the solver's first gradient:
  /// whether it vanished, of each example, and whether there was one at all.
  StringAttr vanishedFirst, tookGradient;
};

} // namespace mlir::advx

#endif // ADVX_DIALECT_CONVERSION_STEPBUILDER_H
