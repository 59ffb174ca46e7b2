#include "compiler/codegen/kernels/Nests.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {

Index NestEmitter::Walk::index() const {
  Index result;
  result.row = frame.row;
  result.digits.append(digits.begin(), digits.end());
  return result;
}

llvm::SmallVector<Digit> NestEmitter::Walk::part(bool wantReduced) const {
  llvm::SmallVector<Digit> result;
  for (auto [digit, isReduced] : llvm::zip(digits, reducedDigit))
    if (isReduced == wantReduced)
      result.push_back(digit);
  return result;
}

NestEmitter::Carried NestEmitter::loop(Location loc, Value begin, Value end, int64_t step,
                                       ValueRange carried,
                                       llvm::function_ref<Carried(Value, ValueRange)> body) {
  IndexMath math(builder, loc, target.lanes());
  auto created = builder.create<scf::ForOp>(loc, begin, end, math.constant(step), carried);
  OpBuilder::InsertionGuard guard(builder);
  // Without anything carried the loop comes with its terminator.
  if (carried.empty())
    created.getBody()->getTerminator()->erase();
  builder.setInsertionPointToEnd(created.getBody());
  ElementEmitter::Scope scope(elements);
  Carried next = body(created.getInductionVar(), created.getRegionIterArgs());
  builder.create<scf::YieldOp>(loc, next);
  return Carried(created.getResults());
}

/// Memory for `count` elements an example, within reach of this thread only.
Place NestEmitter::reserve(const Walk &walk, Type element, int64_t count) {
  Place place;
  bool slots = walk.frame.row.step || walk.frame.last;
  place.kind = slots ? Place::laneSlots : Place::exampleOnly;
  int64_t bytes = count * elementBytes(element) * (slots ? target.lanes() : 1);
  place.value = target.scratch(entry, entry.getUnknownLoc(), bytes);
  return place;
}

void NestEmitter::emit(const Nest &nest, const Frame &frame) {
  Walk walk{nest, frame, {}, {}, {}, {}, -1, false, {}};
  llvm::SmallVector<Extent> extents = nest.extents;
  // Few elements in the innermost axis would leave lanes empty, so all is one axis then.
  bool oneKind = llvm::all_of(extents, [&](Extent e) { return e.reduced == extents[0].reduced; });
  if (!frame.fixedLanes() && !frame.leading && extents.size() > 1 && oneKind &&
      extents.back().size * 2 < target.lanes())
    extents = {{nest.elements, extents[0].reduced}};
  // An axis of one element is no extent, but as the last one it has the lanes.
  if (frame.last && frame.last->extent == 1)
    extents.push_back({1, false});
  for (auto [i, extent] : llvm::enumerate(extents)) {
    Digit digit;
    digit.extent = extent.size;
    bool isFixed = false;
    if (frame.leading && i == 0 && extents.size() > 1) {
      digit = *frame.leading;
      isFixed = true;
    } else if (frame.last && i + 1 == extents.size()) {
      digit = *frame.last;
      isFixed = true;
    }
    walk.digits.push_back(digit);
    walk.reducedDigit.push_back(extent.reduced);
    if (!isFixed)
      (extent.reduced ? walk.reduced : walk.kept).push_back(i);
  }
  if (!frame.fixedLanes() && !walk.digits.empty() && target.lanes() > 1)
    walk.lane = static_cast<int>(walk.digits.size()) - 1;
  walk.vectors = target.lanes() > 1 && (walk.lane >= 0 || frame.fixedLanes());

  Value outerMask = elements.getMask();
  elements.setMask(frame.mask);
  for (Operation *op : nest.reductions) {
    int64_t count = 1;
    for (size_t i = 0; i < walk.digits.size(); ++i)
      if (!walk.reducedDigit[i] && !(frame.last && i + 1 == walk.digits.size()))
        count *= walk.digits[i].extent;
    Type element = getElementTypeOrSelf(op->getResult(0).getType());
    if (isa<FirstMaxMaskOp>(op))
      element = builder.getI64Type();
    walk.places.push_back(count == 1 ? Place{Place::number, Value(), false}
                                     : reserve(walk, element, count));
  }
  madePlaces.clear();
  for (Value value : nest.made)
    if (isReadInside(value) && !walk.straight() && value.getDefiningOp() && !frame.leading)
      madePlaces[value] = reserve(walk, getElementTypeOrSelf(value.getType()), nest.elements);
  walkKept(walk, 0);
  for (auto [value, place] : madePlaces)
    elements.bind(value, place);
  for (auto [op, place] : llvm::zip(nest.reductions, walk.places)) {
    if (place.kind == Place::number)
      continue;
    if (auto mask = dyn_cast<FirstMaxMaskOp>(op))
      elements.bindMaximum(mask, place);
    else
      elements.bind(op->getResult(0), place);
  }
  madePlaces.clear();
  elements.setMask(outerMask);
}

void NestEmitter::walkKept(Walk &walk, size_t position) {
  if (position < walk.kept.size()) {
    walkDigit(walk, walk.kept[position], {}, [&](ValueRange) -> Carried {
      walkKept(walk, position + 1);
      return {};
    });
    return;
  }
  if (walk.nest.reductions.empty()) {
    // A nest may walk reduced axes only for the values made beside a reduction.
    walkReduced(walk, 0, {});
    return;
  }
  finish(walk, walkReduced(walk, 0, start(walk)));
}

NestEmitter::Carried NestEmitter::walkReduced(Walk &walk, size_t position, ValueRange carried) {
  if (position == walk.reduced.size())
    return visit(walk, carried);
  return walkDigit(walk, walk.reduced[position], carried, [&](ValueRange values) -> Carried {
    return walkReduced(walk, position + 1, values);
  });
}

/// Loops over one digit; the one with the lanes in whole vectors, and once more under a mask
/// for what is left.
NestEmitter::Carried NestEmitter::walkDigit(Walk &walk, size_t digit, ValueRange carried,
                                            const Body &body) {
  Location loc = builder.getUnknownLoc();
  IndexMath math(builder, loc, target.lanes());
  int64_t extent = walk.digits[digit].extent;
  bool hasLanes = static_cast<int>(digit) == walk.lane;
  int64_t step = hasLanes ? target.lanes() : 1;
  int64_t whole = extent / step * step;
  Carried values(carried);
  auto at = [&](Value counter, int64_t constant) {
    Coordinate where;
    where.constant = constant;
    where.scalar = counter;
    where.step = hasLanes ? 1 : 0;
    walk.digits[digit].at = where;
  };
  if (whole == step) {
    ElementEmitter::Scope scope(elements);
    at(nullptr, 0);
    values = body(values);
  } else if (whole > 0) {
    values = loop(loc, math.constant(0), math.constant(whole), step, values,
                  [&](Value counter, ValueRange inner) {
                    at(counter, 0);
                    return body(inner);
                  });
  }
  if (whole < extent) {
    ElementEmitter::Scope scope(elements);
    at(nullptr, whole);
    Value outer = elements.getMask();
    llvm::SmallVector<bool> exists;
    for (int64_t lane = 0; lane < step; ++lane)
      exists.push_back(whole + lane < extent);
    auto type = VectorType::get({step}, builder.getI1Type());
    elements.setMask(builder.create<arith::ConstantOp>(
        loc, DenseElementsAttr::get(type, llvm::ArrayRef<bool>(exists))));
    values = body(values);
    elements.setMask(outer);
  }
  walk.digits[digit].at = Coordinate();
  return values;
}

void NestEmitter::store(Location loc, Value value, Value base, const Coordinate &where) {
  Type element = getElementTypeOrSelf(value.getType());
  if (!where.uniform())
    value = elements.vector(loc, value);
  target.store(builder, loc, value, base, element, where, elements.getMask());
}

void NestEmitter::write(Value value, const Index &index, bool straight) {
  Location loc = value.getLoc();
  Value element = elements.element(value, index);
  for (Value buffer : results.lookup(value))
    store(loc, element, buffer, elements.offset(value.getType(), index, Place::memory, loc));
  if (auto place = madePlaces.find(value); place != madePlaces.end())
    store(loc, element, place->second.value,
          elements.offset(value.getType(), index, place->second.kind, loc));
  else if (straight && value.getDefiningOp())
    elements.bind(value, Place{Place::number, element, false});
}

/// One element of the body: what is made, added up and reduced there.
NestEmitter::Carried NestEmitter::visit(Walk &walk, ValueRange carried) {
  Index index = walk.index();
  for (Value value : walk.nest.made)
    write(value, index, walk.straight());
  for (Value value : walk.nest.sums)
    addUp(value, walk);
  Carried next;
  for (Operation *op : walk.nest.reductions) {
    Carried element = elementOf(op, walk);
    size_t count = element.size();
    ValueRange before = carried.slice(next.size(), count);
    Carried combined = combine(op, before, element);
    next.append(combined.begin(), combined.end());
  }
  return next;
}

void NestEmitter::addUp(Value value, const Walk &walk) {
  Index index = walk.index();
  Location loc = value.getLoc();
  Value partial = partials.lookup(value);
  Value element = elements.element(value, index);
  Type type = getElementTypeOrSelf(element.getType());
  if (walk.frame.last) {
    Coordinate where;
    where.step = 1;
    Type wide = accumulatorOf(type);
    Value before = target.load(builder, loc, partial, wide, where, Value(), false);
    element = elements.vector(loc, element);
    if (type != wide)
      element = builder.create<arith::ExtFOp>(loc, target.vectorOf(wide), element);
    target.store(builder, loc, builder.create<arith::AddFOp>(loc, before, element), partial, wide,
                 where, Value());
    return;
  }
  Coordinate where = elements.offset(value.getType(), index, Place::exampleOnly, loc);
  if (index.row.step) {
    Value zero = elements.vector(
        loc, builder.create<arith::ConstantOp>(loc, cast<TypedAttr>(builder.getZeroAttr(type))));
    Value real = builder.create<arith::SelectOp>(loc, rows, elements.vector(loc, element), zero);
    Value before = target.load(builder, loc, partial, type, where, Value(), false);
    Value after = builder.create<arith::AddFOp>(loc, before, sumOfLanes(loc, real));
    target.store(builder, loc, after, partial, type, where, Value());
    return;
  }
  Value before = target.load(builder, loc, partial, type, where, elements.getMask(), false);
  if (!where.uniform())
    element = elements.vector(loc, element);
  store(loc, builder.create<arith::AddFOp>(loc, before, element), partial, where);
}

void NestEmitter::emitFlat(llvm::ArrayRef<Value> made, bool merged, int64_t extent, Value begin,
                           Value end, bool tail) {
  Location loc = made.front().getLoc();
  IndexMath math(builder, loc, target.lanes());
  int64_t lanes = target.lanes();
  auto visitAt = [&](Value counter) {
    Index index;
    index.merged = merged;
    Coordinate at;
    at.scalar = counter;
    at.step = lanes > 1 ? 1 : 0;
    index.digits.push_back({at, extent});
    for (Value value : made)
      write(value, index, false);
  };
  Value whole = end;
  if (tail) {
    Value length = builder.create<arith::SubIOp>(loc, end, begin);
    Value rest = builder.create<arith::AndIOp>(loc, length, math.constant(lanes - 1));
    whole = builder.create<arith::SubIOp>(loc, end, rest);
  }
  loop(loc, begin, whole, lanes, {}, [&](Value counter, ValueRange) -> Carried {
    visitAt(counter);
    return {};
  });
  if (!tail)
    return;
  loop(loc, whole, end, lanes, {}, [&](Value counter, ValueRange) -> Carried {
    Coordinate at;
    at.scalar = counter;
    at.step = 1;
    elements.setMask(builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::slt, math.asLanes(at),
                                                   elements.vector(loc, end)));
    visitAt(counter);
    elements.setMask(Value());
    return {};
  });
}

} // namespace advx::codegen
