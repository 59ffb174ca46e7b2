#include "compiler/codegen/kernels/Index.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace advx::codegen {

Value IndexMath::constant(int64_t value) {
  return builder.create<arith::ConstantOp>(loc, builder.getI64IntegerAttr(value));
}

Value IndexMath::broadcast(Value scalar) {
  if (lanes == 1)
    return scalar;
  return builder.create<vector::BroadcastOp>(loc, VectorType::get({lanes}, builder.getI64Type()),
                                             scalar);
}

Value IndexMath::vectorConstant(llvm::function_ref<int64_t(int64_t)> of) {
  if (lanes == 1)
    return constant(of(0));
  llvm::SmallVector<int64_t> values;
  for (int64_t lane = 0; lane < lanes; ++lane)
    values.push_back(of(lane));
  auto type = VectorType::get({lanes}, builder.getI64Type());
  return builder.create<arith::ConstantOp>(loc,
                                           DenseElementsAttr::get(type, llvm::ArrayRef(values)));
}

Value IndexMath::start(const Coordinate &a) {
  if (!a.scalar)
    return constant(a.constant);
  return a.constant ? builder.create<arith::AddIOp>(loc, a.scalar, constant(a.constant)).getResult()
                    : a.scalar;
}

Value IndexMath::asScalar(const Coordinate &a) { return start(a); }

Value IndexMath::asLanes(const Coordinate &a) {
  Value base = broadcast(start(a));
  if (a.lanes)
    return builder.create<arith::AddIOp>(loc, a.lanes, base);
  if (!a.step)
    return base;
  return builder.create<arith::AddIOp>(loc, base,
                                       vectorConstant([&](int64_t lane) { return lane * a.step; }));
}

Coordinate IndexMath::add(const Coordinate &a, const Coordinate &b) {
  Coordinate sum;
  sum.constant = a.constant + b.constant;
  sum.scalar = a.scalar && b.scalar
                   ? builder.create<arith::AddIOp>(loc, a.scalar, b.scalar).getResult()
                   : (a.scalar ? a.scalar : b.scalar);
  if (!a.lanes && !b.lanes) {
    sum.step = a.step + b.step;
    return sum;
  }
  auto irregular = [&](const Coordinate &c) -> Value {
    if (c.lanes)
      return c.lanes;
    return c.step ? vectorConstant([&](int64_t lane) { return lane * c.step; }) : Value();
  };
  Value x = irregular(a), y = irregular(b);
  sum.lanes = x && y ? builder.create<arith::AddIOp>(loc, x, y).getResult() : (x ? x : y);
  return sum;
}

Coordinate IndexMath::scale(const Coordinate &a, int64_t factor) {
  if (factor == 1)
    return a;
  Coordinate result;
  if (factor == 0)
    return result;
  result.constant = a.constant * factor;
  result.step = a.step * factor;
  if (a.scalar)
    result.scalar = builder.create<arith::MulIOp>(loc, a.scalar, constant(factor));
  if (a.lanes)
    result.lanes = builder.create<arith::MulIOp>(loc, a.lanes, broadcast(constant(factor)));
  return result;
}

Coordinate IndexMath::divide(const Coordinate &a, int64_t divisor) {
  if (divisor == 1)
    return a;
  Coordinate result;
  if (a.isConstant())
    result.constant = a.constant / divisor;
  else if (a.uniform())
    result.scalar = builder.create<arith::DivUIOp>(loc, asScalar(a), constant(divisor));
  else
    result.lanes = builder.create<arith::DivUIOp>(loc, asLanes(a), broadcast(constant(divisor)));
  return result;
}

Coordinate IndexMath::remainder(const Coordinate &a, int64_t divisor) {
  Coordinate result;
  if (divisor == 1)
    return result;
  if (a.isConstant())
    result.constant = a.constant % divisor;
  else if (a.uniform())
    result.scalar = builder.create<arith::RemUIOp>(loc, asScalar(a), constant(divisor));
  else
    result.lanes = builder.create<arith::RemUIOp>(loc, asLanes(a), broadcast(constant(divisor)));
  return result;
}

Coordinate IndexMath::linear(llvm::ArrayRef<Digit> digits) {
  Coordinate sum;
  int64_t weight = 1;
  for (const Digit &digit : llvm::reverse(digits)) {
    sum = add(scale(digit.at, weight), sum);
    weight *= digit.extent;
  }
  return sum;
}

llvm::SmallVector<llvm::SmallVector<Digit, 2>> IndexMath::regroup(llvm::ArrayRef<Digit> digits,
                                                                  llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<llvm::SmallVector<Digit, 2>> axes(shape.size());
  llvm::SmallVector<Digit> left;
  for (const Digit &digit : digits)
    if (digit.extent > 1)
      left.push_back(digit);
  for (size_t axis = shape.size(); axis-- > 0;) {
    int64_t need = shape[axis];
    while (need > 1) {
      Digit digit = left.pop_back_val();
      // Digits that fit no axis boundary are taken together and cut anew.
      while (need % digit.extent && digit.extent % need) {
        Digit next = left.pop_back_val();
        digit.at = add(scale(next.at, digit.extent), digit.at);
        digit.extent *= next.extent;
      }
      if (need % digit.extent == 0) {
        need /= digit.extent;
        axes[axis].insert(axes[axis].begin(), digit);
        continue;
      }
      axes[axis].insert(axes[axis].begin(), Digit{remainder(digit.at, need), need});
      left.push_back({divide(digit.at, need), digit.extent / need});
      need = 1;
    }
  }
  return axes;
}

} // namespace advx::codegen
