//===- Cost.h - Arithmetic and memory of an op ------------------*- C++ -*-===//

#ifndef ADVX_DIALECT_IR_COST_H
#define ADVX_DIALECT_IR_COST_H

#include "mlir/IR/Operation.h"

namespace mlir::advx {

/// Work that has a part for each example of the batch and a part that has not.
struct Amount {
  int64_t perExample = 0;
  int64_t once = 0;

  Amount &operator+=(const Amount &other) {
    perExample += other.perExample;
    once += other.once;
    return *this;
  }
};

/// What an op of the tensor tier, or a cluster, needs at least.
struct OpCost {
  Amount flops; ///< Floating-point operations; a multiply-add is two, an exp is one.
  Amount bytes; ///< Read and written if every operand and result passes by once a pass.
};

/// The cost of one op; zero for aliases and numbers.
OpCost costOf(Operation *op);

} // namespace mlir::advx

#endif // ADVX_DIALECT_IR_COST_H
