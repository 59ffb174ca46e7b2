//===- VjpBuilder.h - Short ways to write a derivative ----------*- C++ -*-===//

#ifndef ADVX_DIALECT_IR_VJPBUILDER_H
#define ADVX_DIALECT_IR_VJPBUILDER_H

#include "dialect/IR/AdvxOps.h"

#include "mlir/IR/TypeUtilities.h"

namespace mlir::advx {

/// Emits tensor ops at one location.
class VjpBuilder {
public:
  VjpBuilder(OpBuilder &builder, Location location) : builder(builder), location(location) {}

  template <typename Op, typename... Args> Value make(Args &&...args) {
    return builder.create<Op>(location, std::forward<Args>(args)...);
  }

  /// A scalar without a batch axis, of the element type of `like`.
  Value number(double value, Value like) {
    return make<ConstantOp>(RankedTensorType::get({}, getElementTypeOrSelf(like.getType())), value);
  }

  Value compare(ComparePredicate predicate, Value lhs, Value rhs) {
    return make<CompareOp>(predicate, lhs, rhs);
  }

  /// `value` where the condition holds, 0 elsewhere; and the reverse.
  Value keep(Value condition, Value value) {
    return make<SelectOp>(condition, value, number(0, value));
  }
  Value drop(Value condition, Value value) {
    return make<SelectOp>(condition, number(0, value), value);
  }

private:
  OpBuilder &builder;
  Location location;
};

} // namespace mlir::advx

#endif // ADVX_DIALECT_IR_VJPBUILDER_H
