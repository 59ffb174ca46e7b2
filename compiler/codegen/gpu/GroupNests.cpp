#include "compiler/codegen/gpu/GroupNests.h"

#include "compiler/codegen/kernels/Reductions.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

/// Elements that keep a warp busy.
constexpr int64_t kManyElements = 32;

Type elementType(Value value) { return getElementTypeOrSelf(value.getType()); }

} // namespace

Index GroupNests::Walk::index() const {
  Index result;
  result.row = row;
  result.digits.append(digits.begin(), digits.end());
  return result;
}

llvm::SmallVector<Digit> GroupNests::Walk::part(bool reduced) const {
  llvm::SmallVector<Digit> result;
  for (auto [digit, extent] : llvm::zip(digits, nest.extents))
    if (extent.reduced == reduced)
      result.push_back(digit);
  return result;
}

Value GroupNests::size() {
  return group == Group::warp ? kernel.integer(kWarpThreads) : kernel.threads();
}

Value GroupNests::share(int64_t bytes) {
  return group == Group::warp ? kernel.shareInWarp(bytes) : kernel.shareInBlock(bytes);
}

void GroupNests::sync() { group == Group::warp ? kernel.syncWarp() : kernel.syncBlock(); }

void GroupNests::deal(int64_t count, llvm::function_ref<void(Value)> body) {
  kernel.loop(rank(), kernel.integer(count), size(), {}, [&](Value number, ValueRange) -> Carried {
    ElementEmitter::Scope scope(elements);
    body(number);
    return {};
  });
}

void GroupNests::emit(const Schedule &schedule, Value row) {
  for (const Nest &nest : schedule.nests()) {
    bool shares = emitNest(nest, row);
    if (shares && (!row || &nest != &schedule.nests().back()))
      sync();
  }
}

/// Whether other threads may read what the nest wrote.
bool GroupNests::emitNest(const Nest &nest, Value row) {
  Walk walk(nest);
  walk.row.scalar = row;
  for (const Extent &extent : nest.extents) {
    walk.digits.push_back({Coordinate(), extent.size});
    (extent.reduced ? walk.reduced : walk.kept) *= extent.size;
  }
  walk.single = walk.kept == 1 && walk.reduced == 1;
  if (walk.reduced > 1) {
    // Neighbours in memory go to neighbours among the threads, where they keep them busy.
    bool innerReduced = nest.extents.back().reduced;
    walk.dealsReduced = walk.kept == 1 || (innerReduced && walk.reduced >= kManyElements) ||
                        (walk.kept < kManyElements && walk.reduced > walk.kept);
    if (!innerReduced && walk.kept >= kManyElements)
      walk.dealsReduced = false;
  }
  reserve(walk);
  if (walk.single) {
    finish(walk, visitReduced(walk));
  } else if (walk.dealsReduced) {
    auto row = [&](Value number) {
      place(walk, /*reduced=*/false, number);
      finish(walk, across(walk, visitReduced(walk)));
    };
    if (walk.kept == 1)
      row(Value());
    else
      kernel.loop(kernel.integer(0), kernel.integer(walk.kept), kernel.integer(1), {},
                  [&](Value number, ValueRange) -> Carried {
                    ElementEmitter::Scope scope(elements);
                    row(number);
                    return {};
                  });
  } else {
    deal(walk.kept, [&](Value number) {
      place(walk, /*reduced=*/false, number);
      finish(walk, visitReduced(walk));
    });
  }
  bool shares = !madePlaces.empty();
  for (auto [value, place] : madePlaces)
    elements.bind(value, place);
  for (auto [op, place] : llvm::zip(nest.reductions, walk.places)) {
    if (place.kind == Place::number)
      continue;
    shares = true;
    if (auto mask = dyn_cast<FirstMaxMaskOp>(op))
      elements.bindMaximum(mask, place);
    else
      elements.bind(op->getResult(0), place);
  }
  madePlaces.clear();
  return shares;
}

/// Finds a place for what later nests read of this one.
void GroupNests::reserve(Walk &walk) {
  madePlaces.clear();
  auto memoryFor = [&](Value value, Type element, int64_t count, bool mayBeResult) {
    auto buffers = buffersOf(value);
    if (mayBeResult && !buffers.empty())
      return Place{Place::memory, buffers.front(), false};
    return Place{Place::exampleOnly, share(count * elementBytes(element)), false};
  };
  for (Operation *op : walk.nest.reductions) {
    bool isMask = isa<FirstMaxMaskOp>(op);
    Type element = isMask ? Type(builder.getI64Type()) : elementType(op->getResult(0));
    // Every thread knows what all of them came to.
    bool known = walk.kept == 1 && (walk.dealsReduced || walk.single);
    walk.places.push_back(known ? Place{Place::number, Value(), false}
                                : memoryFor(op->getResult(0), element, walk.kept, !isMask));
  }
  for (Value value : walk.nest.made)
    if (isReadInside(value) && !walk.single && value.getDefiningOp() && !elements.isBound(value))
      madePlaces[value] = memoryFor(value, elementType(value), walk.nest.elements, true);
}

void GroupNests::place(Walk &walk, bool reduced, Value number) {
  int64_t behind = reduced ? walk.reduced : walk.kept;
  IndexMath math(builder, kernel.loc, 1);
  Coordinate rest;
  rest.scalar = number;
  for (auto [digit, extent] : llvm::zip(walk.digits, walk.nest.extents)) {
    if (extent.reduced != reduced)
      continue;
    behind /= extent.size;
    digit.at = math.divide(rest, behind);
    rest = math.remainder(rest, behind);
  }
}

/// The reduced elements that this thread has to see; what it found of the reductions.
GroupNests::Carried GroupNests::visitReduced(Walk &walk) {
  Carried start;
  for (Operation *op : walk.nest.reductions)
    start.append(reductionStart(builder, op));
  if (walk.reduced == 1)
    return visit(walk, start);
  Value begin = walk.dealsReduced ? rank() : kernel.integer(0);
  Value step = walk.dealsReduced ? size() : kernel.integer(1);
  return kernel.loop(begin, kernel.integer(walk.reduced), step, start,
                     [&](Value number, ValueRange carried) {
                       ElementEmitter::Scope scope(elements);
                       place(walk, /*reduced=*/true, number);
                       return visit(walk, carried);
                     });
}

/// One element of the nest: what is made, added up and reduced there.
GroupNests::Carried GroupNests::visit(Walk &walk, ValueRange carried) {
  Index index = walk.index();
  for (Value value : walk.nest.made) {
    Location loc = value.getLoc();
    Value element = elements.element(value, index);
    for (Value buffer : buffersOf(value))
      store(loc, element, buffer, elements.offset(value.getType(), index, Place::memory, loc),
            walk.single);
    if (auto place = madePlaces.find(value); place != madePlaces.end()) {
      if (place->second.kind == Place::exampleOnly)
        store(loc, element, place->second.value,
              elements.offset(value.getType(), index, Place::exampleOnly, loc), walk.single);
    } else if (walk.single && value.getDefiningOp() && !elements.isBound(value)) {
      elements.bind(value, Place{Place::number, element, false});
    }
  }
  for (Value value : walk.nest.sums) {
    Location loc = value.getLoc();
    Value partial = partials.lookup(value);
    Value element = elements.element(value, index);
    Coordinate where = elements.offset(value.getType(), index, Place::exampleOnly, loc);
    auto addUp = [&] {
      Value before = elements.getTarget().load(builder, loc, partial, element.getType(), where,
                                               Value(), false);
      elements.getTarget().store(builder, loc, builder.create<arith::AddFOp>(loc, before, element),
                                 partial, element.getType(), where, Value());
    };
    if (!walk.single) {
      addUp();
      continue;
    }
    Value first =
        builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, rank(), kernel.integer(0));
    kernel.ifThen(first, addUp);
  }
  Carried next;
  for (Operation *op : walk.nest.reductions) {
    Carried element = elementOf(op, walk);
    next.append(combineReduction(builder, op, carried.slice(next.size(), element.size()), element));
  }
  return next;
}

GroupNests::Carried GroupNests::elementOf(Operation *op, const Walk &walk) {
  Value element = elements.element(op->getOperand(0), walk.index());
  if (auto product = dyn_cast<MatvecOp>(op)) {
    Index index;
    index.row = walk.row;
    index.digits.append(walk.part(/*reduced=*/true));
    Value factor = elements.element(product.getVector(), index);
    element = builder.create<arith::MulFOp>(op->getLoc(), element, factor, contract(builder));
  }
  if (!isSearch(op))
    return {element};
  IndexMath math(builder, op->getLoc(), 1);
  return {element, math.asScalar(math.linear(walk.part(/*reduced=*/true)))};
}

GroupNests::Carried GroupNests::combineAll(const Nest &nest, ValueRange a, ValueRange b) {
  Carried all;
  for (Operation *op : nest.reductions) {
    size_t count = isSearch(op) ? 2 : 1;
    all.append(
        combineReduction(builder, op, a.slice(all.size(), count), b.slice(all.size(), count)));
  }
  return all;
}

/// From what each thread found to what all found, the same in every thread: a butterfly in each
/// warp, and, where the group is a block, the warps' results in order.
GroupNests::Carried GroupNests::across(const Walk &walk, ValueRange found) {
  Carried values(found);
  for (int64_t distance = kWarpThreads / 2; distance >= 1; distance /= 2) {
    Carried others;
    for (Value value : values)
      others.push_back(elements.getTarget().exchange(builder, kernel.loc, value, distance));
    values = combineAll(walk.nest, values, others);
  }
  if (group == Group::warp || values.empty())
    return values;
  while (crossing.size() < values.size())
    crossing.push_back(kernel.shareInBlock(8 * kBlockWarps));
  auto at = [](Value warp) {
    Coordinate where;
    where.scalar = warp;
    return where;
  };
  LaneTarget &target = elements.getTarget();
  Value first = builder.create<arith::CmpIOp>(kernel.loc, arith::CmpIPredicate::eq, kernel.lane(),
                                              kernel.integer(0));
  kernel.ifThen(first, [&] {
    for (auto [value, slots] : llvm::zip(values, crossing))
      target.store(builder, kernel.loc, value, slots, value.getType(), at(kernel.warp()), Value());
  });
  kernel.syncBlock();
  auto read = [&](Value warp) {
    Carried parts;
    for (auto [value, slots] : llvm::zip(values, crossing))
      parts.push_back(
          target.load(builder, kernel.loc, slots, value.getType(), at(warp), Value(), false));
    return parts;
  };
  Carried all = kernel.loop(
      kernel.integer(1), kernel.warps(), kernel.integer(1), read(kernel.integer(0)),
      [&](Value warp, ValueRange carried) { return combineAll(walk.nest, carried, read(warp)); });
  // The slots are free again.
  kernel.syncBlock();
  return all;
}

/// Writes what the reductions came to at the kept index at hand.
void GroupNests::finish(Walk &walk, ValueRange carried) {
  Index index;
  index.row = walk.row;
  index.digits.append(walk.part(/*reduced=*/false));
  size_t used = 0;
  for (auto [i, op] : llvm::enumerate(walk.nest.reductions)) {
    used += isSearch(op) ? 2 : 1;
    Value found = carried[used - 1];
    Value result = op->getResult(0);
    bool everyThread = walk.dealsReduced || walk.single;
    Place &place = walk.places[i];
    if (place.kind == Place::number) {
      place.value = found;
      if (auto mask = dyn_cast<FirstMaxMaskOp>(op))
        elements.bindMaximum(mask, place);
      else
        elements.bind(result, place);
    } else if (place.kind == Place::exampleOnly) {
      store(op->getLoc(), found, place.value,
            elements.offset(result.getType(), index, Place::exampleOnly, op->getLoc()),
            everyThread);
    }
    if (isa<FirstMaxMaskOp>(op))
      continue;
    for (Value buffer : buffersOf(result))
      store(op->getLoc(), found, buffer,
            elements.offset(result.getType(), index, Place::memory, op->getLoc()), everyThread);
  }
}

void GroupNests::store(Location loc, Value value, Value base, const Coordinate &where,
                       bool everyThread) {
  auto write = [&] {
    elements.getTarget().store(builder, loc, value, base, value.getType(), where, Value());
  };
  if (!everyThread)
    return write();
  Value first =
      builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, rank(), kernel.integer(0));
  kernel.ifThen(first, write);
}

} // namespace advx::codegen
