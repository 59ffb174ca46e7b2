//===- FusionRules.h - What an op is to the partition -----------*- C++ -*-===//
//
// The rules look at operands, shapes, traits and interfaces only: nothing here knows
// a loss, a head, a solver or an attack.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_DIALECT_TRANSFORMS_PARTITION_FUSIONRULES_H
#define ADVX_DIALECT_TRANSFORMS_PARTITION_FUSIONRULES_H

#include "dialect/IR/AdvxOps.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace mlir::advx {

/// The role by the op alone; `FusionRules` knows more.
FusionRole roleOf(Operation *op);

/// Reads many elements for one that it makes: a reduction, a product, a label's place.
bool reduces(Operation *op);

/// More than a number an example: worth counting as something to read.
bool isWide(Value value);

/// Whether a result has a batch axis or the op sums over one.
bool isBatchedOp(Operation *op);

/// What the ops of one function are to the partition, computed once.
class FusionRules {
public:
  explicit FusionRules(Operation *function);

  /// `roleOf`, but a free op whose result something other than a cluster reads is fusible,
  /// where a kernel can make it.
  FusionRole role(Operation *op) const;

  /// Whether something other than a cluster reads a result of the op, be it through a
  /// reshape: a library op, a loop, the terminator.
  bool leavesClusters(Operation *op) const;

  /// An elementwise op without a batch from which only new state follows: the update of a
  /// parameter, of a momentum, of a running statistic.
  bool isUpdate(Operation *op) const { return updates.contains(op); }

  /// An op without a batch whose result, be it through others like it, a batched op reads.
  bool feedsBatch(Operation *op) const { return feeding.contains(op); }

private:
  void findUpdates(Operation *function);
  void findFeeding(Operation *function);

  llvm::DenseSet<Operation *> updates, feeding;
};

/// Calls `visit` with the ops that read a result of `op`, looking through free ops.
void forEachReader(Operation *op, llvm::function_ref<void(Operation *)> visit);

} // namespace mlir::advx

#endif // ADVX_DIALECT_TRANSFORMS_PARTITION_FUSIONRULES_H
