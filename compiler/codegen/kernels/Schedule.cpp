#include "compiler/codegen/kernels/Schedule.h"

#include <set>

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

/// The value whose elements, in the same order, a reshaped value has.
Value source(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    // What the batch repeats is not the same value.
    if (!keepsElements(op) || isBatched(value.getType()) != isBatched(op->getOperand(0).getType()))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// The axes that a reduction walks, kept and reduced.
llvm::SmallVector<Extent> extentsOf(Operation *op) {
  auto axes = cast<TensorOpInterface>(op).getReducedAxes(0);
  llvm::SmallVector<Extent> extents;
  for (auto [axis, size] : llvm::enumerate(exampleShape(op->getOperand(0).getType()))) {
    bool reduced = llvm::is_contained(axes, static_cast<int64_t>(axis));
    // An axis of one element is no extent: it would take the lanes.
    if (size == 1)
      continue;
    if (!extents.empty() && extents.back().reduced == reduced)
      extents.back().size *= size;
    else
      extents.push_back({size, reduced});
  }
  return extents;
}

int64_t sizeOf(llvm::ArrayRef<Extent> extents) {
  int64_t size = 1;
  for (const Extent &extent : extents)
    size *= extent.size;
  return size;
}

/// Cheap ops that a second loop computes again rather than reads what the first has stored. A
/// store and a load take about two, and each op may read a tensor of its own; but values that stay
/// in registers cost no memory. Without a bound the k-th loop after a chain of sums would repeat
/// all k of them.
constexpr size_t kMostRepeated = 8;

} // namespace

bool isReadInside(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) { return !isa<YieldOp>(user); });
}

bool isReduction(Operation *op) {
  ReductionKind kind = reductionKindOf(op);
  return kind != ReductionKind::none && kind != ReductionKind::batch;
}

Schedule::Schedule(llvm::ArrayRef<Operation *> ops, llvm::ArrayRef<Value> results,
                   llvm::ArrayRef<Value> sums, int64_t scratchElements, int64_t lastExtent)
    : results(results), sums(sums), scratchElements(scratchElements), lastExtent(lastExtent) {
  llvm::DenseSet<Value> wanted(results.begin(), results.end());
  wanted.insert(sums.begin(), sums.end());
  llvm::DenseSet<Operation *> reached;
  for (Operation *op : llvm::reverse(ops))
    if (llvm::any_of(op->getResults(), [&](Value v) { return wanted.contains(v); })) {
      reached.insert(op);
      auto read = elementOperands(op);
      wanted.insert(read.begin(), read.end());
    }
  for (Operation *op : ops)
    if (reached.contains(op))
      needed.insert(op);
  findLevels();
  placeReductions();
  placeResults();
  findExpensive();
  placeShared();
  llvm::SmallVector<Nest *> sorted;
  for (Nest &nest : building) {
    findExtents(nest);
    sorted.push_back(&nest);
  }
  llvm::stable_sort(sorted, [](Nest *a, Nest *b) { return a->level < b->level; });
  for (Nest *nest : sorted)
    order.push_back(*nest);
}

/// A value's level is the number of reductions, one after the other, that it waits for.
void Schedule::findLevels() {
  for (Operation *op : needed) {
    int64_t level = 0;
    for (Value operand : op->getOperands())
      level = std::max(level, levelOf(operand));
    if (auto product = dyn_cast<MatvecOp>(op)) {
      Value vector = source(product.getVector());
      Operation *maker = vector.getDefiningOp();
      if (maker && needed.contains(maker) && !isReduction(maker)) {
        vectors.insert(vector);
        ++level;
      }
    }
    if (isReduction(op))
      reductionLevels[op] = level++;
    levels[op->getResult(0)] = level;
  }
}

int Schedule::nestFor(int64_t level, int64_t elements, llvm::ArrayRef<Extent> extents) {
  for (auto [i, nest] : llvm::enumerate(building))
    if (nest.level == level && nest.elements == elements && llvm::ArrayRef(nest.extents) == extents)
      return static_cast<int>(i);
  Nest nest;
  nest.level = level;
  nest.elements = elements;
  nest.extents.assign(extents.begin(), extents.end());
  building.push_back(nest);
  return static_cast<int>(building.size()) - 1;
}

/// Any nest of the level and size will do; a value that nobody in the cluster waits for may
/// join a later one.
int Schedule::nestFor(Value made, bool mayWait) {
  int64_t elements = exampleElements(made.getType());
  int best = -1;
  for (auto [i, nest] : llvm::enumerate(building)) {
    bool fits = nest.elements == elements && nest.level >= levelOf(made) &&
                (mayWait || nest.level == levelOf(made));
    if (fits && (best < 0 || nest.level < building[best].level))
      best = static_cast<int>(i);
  }
  if (best >= 0)
    return best;
  llvm::SmallVector<Extent> extents;
  if (elements > 1)
    extents.push_back({elements, false});
  return nestFor(levelOf(made), elements, extents);
}

void Schedule::placeReductions() {
  for (Operation *op : needed) {
    if (!isReduction(op))
      continue;
    llvm::SmallVector<Extent> extents = extentsOf(op);
    int nest = nestFor(reductionLevels[op], sizeOf(extents), extents);
    building[nest].reductions.push_back(op);
    nestOfReduction[op] = nest;
  }
}

void Schedule::placeResults() {
  llvm::SmallVector<Value> made(results.begin(), results.end());
  for (Operation *op : needed)
    if (vectors.contains(op->getResult(0)))
      made.push_back(op->getResult(0));
  for (Value value : made) {
    Operation *op = value.getDefiningOp();
    bool reduced = op && isReduction(op) && !isa<FirstMaxMaskOp>(op);
    if (nestOfMade.count(value) || (reduced && needed.contains(op)))
      continue;
    bool mayWait = !vectors.contains(value);
    int nest = nestFor(value, mayWait);
    building[nest].made.push_back(value);
    nestOfMade[value] = nest;
  }
  for (Value value : sums)
    building[nestFor(value, /*mayWait=*/true)].sums.push_back(value);
}

/// Finds the ops whose elements, of what has a place by now, take so long to compute that they are
/// worth a place in memory where two loops need them. A sum rounds once with a product that it
/// takes up, if its loop has no other use for the product; so many cheap ops with a product among
/// them stay where they are, and no number depends on what has a place.
void Schedule::findExpensive() {
  llvm::DenseMap<Operation *, llvm::SmallSetVector<Operation *, kMostRepeated>> repeated;
  llvm::DenseSet<Operation *> withProduct;
  for (Operation *op : needed) {
    if (isReduction(op) || nestOfMade.count(op->getResult(0)))
      continue;
    auto &ops = repeated[op];
    bool hasProduct = isa<MulOp>(op);
    for (Value operand : elementOperands(op)) {
      auto behind = repeated.find(operand.getDefiningOp());
      if (behind == repeated.end())
        continue;
      hasProduct |= withProduct.contains(behind->first);
      for (Operation *other : behind->second)
        if (ops.size() <= kMostRepeated)
          ops.insert(other);
    }
    if (hasProduct)
      withProduct.insert(op);
    if (!isa<ElementwiseOpInterface>(op))
      continue;
    ops.insert(op);
    if (!isCheap(op) || (ops.size() > kMostRepeated && !hasProduct))
      expensive.insert(op);
  }
}

/// Walks backwards, since who reads a value is known only when its readers are placed.
void Schedule::placeShared() {
  llvm::DenseMap<Value, std::set<int>> readers;
  for (auto [i, nest] : llvm::enumerate(building))
    for (Value value : nest.sums)
      readers[value].insert(static_cast<int>(i));
  for (Operation *op : llvm::reverse(needed)) {
    Value value = op->getResult(0);
    std::set<int> here;
    if (auto found = nestOfReduction.find(op); found != nestOfReduction.end()) {
      here = {found->second};
    } else {
      here = readers[value];
      if (auto made = nestOfMade.find(value); made != nestOfMade.end())
        here = {made->second};
      bool worth = expensive.contains(op) && here.size() > 1 && !nestOfMade.count(value);
      if (worth && exampleElements(value.getType()) <= scratchElements) {
        int nest = nestFor(value, /*mayWait=*/false);
        building[nest].made.push_back(value);
        nestOfMade[value] = nest;
        here = {nest};
      }
    }
    for (Value operand : op->getOperands())
      readers[operand].insert(here.begin(), here.end());
  }
}

/// Collects, as numbers of elements from the end, where the row-major walk over the value must
/// be cut for its elements to be found without division.
void Schedule::collectBreaks(const Nest &nest, Value value, llvm::SmallVectorImpl<int64_t> &breaks,
                             llvm::DenseSet<Value> &seen) {
  Operation *op = value.getDefiningOp();
  if (!op || !seen.insert(value).second || (isReduction(op) && !isa<FirstMaxMaskOp>(op)))
    return;
  if (auto made = nestOfMade.find(value);
      made != nestOfMade.end() && building[made->second].level < nest.level)
    return;
  if (isa<ElementwiseOpInterface>(op)) {
    for (Value operand : op->getOperands())
      if (exampleRank(operand.getType()) > 0)
        collectBreaks(nest, operand, breaks, seen);
    return;
  }
  if (keepsElements(op))
    return collectBreaks(nest, op->getOperand(0), breaks, seen);
  auto shape = exampleShape(value.getType());
  int64_t rank = static_cast<int64_t>(shape.size());
  llvm::SmallVector<int64_t> after(rank + 1, 1); // elements of the axes from i on
  for (int64_t i = rank; i-- > 0;)
    after[i] = after[i + 1] * shape[i];
  if (auto broadcast = dyn_cast<BroadcastOp>(op)) {
    auto axes = broadcast.getAxes();
    for (int64_t i = 1; i < rank; ++i)
      if (llvm::is_contained(axes, i - 1) != llvm::is_contained(axes, i))
        breaks.push_back(after[i]);
    // What the operand wants at the boundaries of its axes it gets at those of the result.
    llvm::SmallVector<int64_t> inner;
    collectBreaks(nest, broadcast.getInput(), inner, seen);
    auto inputShape = exampleShape(broadcast.getInput().getType());
    int64_t behind = 1;
    for (size_t i = inputShape.size(); i-- > 1;) {
      behind *= inputShape[i];
      if (llvm::is_contained(inner, behind))
        breaks.push_back(after[axes[i]]);
    }
  } else if (auto transpose = dyn_cast<TransposeOp>(op)) {
    auto permutation = transpose.getPermutation();
    for (int64_t i = 1; i < rank; ++i)
      if (permutation[i] != permutation[i - 1] + 1)
        breaks.push_back(after[i]);
  } else if (auto mask = dyn_cast<FirstMaxMaskOp>(op)) {
    auto axes = mask.getAxesOrAll();
    for (int64_t i = 1; i < rank; ++i)
      if (llvm::is_contained(axes, i - 1) != llvm::is_contained(axes, i))
        breaks.push_back(after[i]);
  } else if (isa<SliceOp, PadSliceOp, ConcatOp, ReverseOp, ShiftOp>(op)) {
    int64_t axis = op->getAttrOfType<IntegerAttr>("axis").getInt();
    breaks.push_back(after[axis]);
    breaks.push_back(after[axis + 1]);
  }
}

void Schedule::findExtents(Nest &nest) {
  llvm::SmallVector<int64_t> wanted;
  llvm::DenseSet<Value> seen;
  for (Value value : nest.made)
    collectBreaks(nest, value, wanted, seen);
  for (Value value : nest.sums)
    collectBreaks(nest, value, wanted, seen);
  for (Operation *op : nest.reductions)
    collectBreaks(nest, op->getOperand(0), wanted, seen);
  if (lastExtent)
    wanted.push_back(lastExtent);
  llvm::sort(wanted, std::greater<>());
  llvm::SmallVector<Extent> cut;
  int64_t end = nest.elements; // elements from the start of the extent to the end of all
  for (const Extent &extent : nest.extents) {
    int64_t behind = end / extent.size;
    int64_t left = extent.size;
    for (int64_t place : wanted) {
      // Cuts that are no multiple of each other cost a division instead.
      if (place >= behind * left || place <= behind || place % behind || left % (place / behind))
        continue;
      cut.push_back({left / (place / behind), extent.reduced});
      left = place / behind;
    }
    cut.push_back({left, extent.reduced});
    end = behind;
  }
  nest.extents = cut;
}

} // namespace advx::codegen
