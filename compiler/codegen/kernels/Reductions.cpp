// The reductions of a nest: what they start with, how they go on, and what becomes of them.

#include "compiler/codegen/kernels/Reductions.h"

#include "compiler/codegen/kernels/Nests.h"
#include "llvm/Support/ErrorHandling.h"

#include <limits>

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

[[noreturn]] void refuse(Operation *op) {
  llvm::report_fatal_error("internal: no kernel reduces as " + op->getName().getStringRef() +
                           " does");
}

/// What changes nothing that it is combined with.
double neutralElement(Operation *op) {
  switch (reductionKindOf(op)) {
  case ReductionKind::sum:
    return 0.0;
  case ReductionKind::maximum:
  case ReductionKind::place:
    return -std::numeric_limits<double>::infinity();
  case ReductionKind::none:
  case ReductionKind::batch:
    break;
  }
  refuse(op);
}

/// The larger of two, which wins in a maximum and in a search.
llvm::SmallVector<Value> takeLarger(OpBuilder &builder, Operation *op, ValueRange a, ValueRange b) {
  Location loc = op->getLoc();
  using P = arith::CmpFPredicate;
  auto both = [&](Value x, Value y) -> Value { return builder.create<arith::AndIOp>(loc, x, y); };
  auto either = [&](Value x, Value y) -> Value { return builder.create<arith::OrIOp>(loc, x, y); };
  auto compare = [&](P predicate, Value x, Value y) -> Value {
    return builder.create<arith::CmpFOp>(loc, predicate, x, y);
  };
  // b wins by being larger, or by being a NaN where a is none.
  Value larger = compare(P::OGT, b[0], a[0]);
  Value newNaN = both(compare(P::UNO, b[0], b[0]), compare(P::ORD, a[0], a[0]));
  Value wins = either(larger, newNaN);
  if (isSearch(op)) {
    // Of equals, and of NaNs, the first.
    Value bothNaN = both(compare(P::UNO, b[0], b[0]), compare(P::UNO, a[0], a[0]));
    Value equal = either(compare(P::OEQ, a[0], b[0]), bothNaN);
    Value before = builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::slt, b[1], a[1]);
    wins = either(wins, both(equal, before));
  }
  llvm::SmallVector<Value> values;
  for (auto [x, y] : llvm::zip(a, b))
    values.push_back(builder.create<arith::SelectOp>(loc, wins, y, x));
  return values;
}

} // namespace

bool isSearch(Operation *op) { return reductionKindOf(op) == ReductionKind::place; }

arith::FastMathFlagsAttr contract(OpBuilder &builder) {
  return arith::FastMathFlagsAttr::get(builder.getContext(), arith::FastMathFlags::contract);
}

llvm::SmallVector<Value> reductionStart(OpBuilder &builder, Operation *op) {
  Location loc = op->getLoc();
  Type element = getElementTypeOrSelf(op->getOperand(0).getType());
  llvm::SmallVector<Value> values = {
      builder.create<arith::ConstantOp>(loc, builder.getFloatAttr(element, neutralElement(op)))};
  if (isSearch(op))
    values.push_back(builder.create<arith::ConstantOp>(
        loc, builder.getI64IntegerAttr(std::numeric_limits<int64_t>::max())));
  return values;
}

NestEmitter::Carried NestEmitter::initial(Operation *op, bool vectors) {
  Carried values = reductionStart(builder, op);
  if (vectors)
    for (Value &value : values)
      value = elements.vector(op->getLoc(), value);
  return values;
}

NestEmitter::Carried NestEmitter::start(Walk &walk) {
  Carried all;
  for (Operation *op : walk.nest.reductions) {
    Carried values = initial(op, walk.vectors);
    all.append(values.begin(), values.end());
  }
  return all;
}

/// The element that a reduction takes at the index at hand; what it starts with in lanes that
/// do not exist.
NestEmitter::Carried NestEmitter::elementOf(Operation *op, const Walk &walk) {
  Location loc = op->getLoc();
  Value element = elements.element(op->getOperand(0), walk.index());
  if (auto product = dyn_cast<MatvecOp>(op)) {
    Index index;
    index.row = walk.frame.row;
    for (const Digit &digit : walk.part(true))
      index.digits.push_back(digit);
    Value factor = elements.element(product.getVector(), index);
    if (isa<VectorType>(element.getType()) || isa<VectorType>(factor.getType())) {
      element = elements.vector(loc, element);
      factor = elements.vector(loc, factor);
    }
    element = builder.create<arith::MulFOp>(loc, element, factor, contract(builder));
  }
  Carried values = {walk.vectors ? elements.vector(loc, element) : element};
  if (isSearch(op)) {
    IndexMath math(builder, loc, target.lanes());
    Coordinate place = math.linear(walk.part(true));
    values.push_back(walk.vectors ? math.asLanes(place) : math.asScalar(place));
  }
  Value mask = elements.getMask();
  if (walk.lane >= 0 && walk.reducedDigit[walk.lane] && mask) {
    Carried neutral = initial(op, walk.vectors);
    for (auto [value, none] : llvm::zip(values, neutral))
      value = builder.create<arith::SelectOp>(loc, mask, value, none);
  }
  return values;
}

llvm::SmallVector<Value> combineReduction(OpBuilder &builder, Operation *op, ValueRange a,
                                          ValueRange b) {
  switch (reductionKindOf(op)) {
  case ReductionKind::sum:
    return {builder.create<arith::AddFOp>(op->getLoc(), a[0], b[0], contract(builder))};
  case ReductionKind::maximum:
  case ReductionKind::place:
    return takeLarger(builder, op, a, b);
  case ReductionKind::none:
  case ReductionKind::batch:
    break;
  }
  refuse(op);
}

NestEmitter::Carried NestEmitter::combine(Operation *op, ValueRange a, ValueRange b) {
  return combineReduction(builder, op, a, b);
}

/// From one accumulator a lane to one number.
NestEmitter::Carried NestEmitter::across(Operation *op, ValueRange lanes) {
  Location loc = op->getLoc();
  Carried values(lanes);
  for (int64_t distance = target.reducedLanes() / 2; distance >= 1; distance /= 2) {
    Carried others;
    for (Value value : values)
      others.push_back(target.exchange(builder, loc, value, distance));
    values = combine(op, values, others);
  }
  for (Value &value : values)
    value = target.anyLane(builder, loc, value);
  return values;
}

Value NestEmitter::sumOfLanes(Location loc, Value value) {
  for (int64_t distance = target.reducedLanes() / 2; distance >= 1; distance /= 2)
    value =
        builder.create<arith::AddFOp>(loc, value, target.exchange(builder, loc, value, distance));
  return target.anyLane(builder, loc, value);
}

/// Writes what the reductions came to at the kept index at hand.
void NestEmitter::finish(Walk &walk, ValueRange carried) {
  Index index;
  index.row = walk.frame.row;
  for (const Digit &digit : walk.part(false))
    index.digits.push_back(digit);
  size_t used = 0;
  for (auto [i, op] : llvm::enumerate(walk.nest.reductions)) {
    Carried values(carried.slice(used, isSearch(op) ? 2 : 1));
    used += values.size();
    if (walk.lane >= 0 && walk.reducedDigit[walk.lane])
      values = across(op, values);
    Value found = values.back();
    Value result = op->getResult(0);
    Place &place = walk.places[i];
    if (place.kind == Place::number) {
      place.value = found;
      if (auto mask = dyn_cast<FirstMaxMaskOp>(op))
        elements.bindMaximum(mask, place);
      else
        elements.bind(result, place);
    } else {
      store(op->getLoc(), found, place.value,
            elements.offset(result.getType(), index, place.kind, op->getLoc()));
    }
    if (isa<FirstMaxMaskOp>(op))
      continue;
    for (Value buffer : results.lookup(result))
      store(op->getLoc(), found, buffer,
            elements.offset(result.getType(), index, Place::memory, op->getLoc()));
  }
}

} // namespace advx::codegen
