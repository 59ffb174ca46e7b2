#include "compiler/codegen/kernels/Elements.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/ErrorHandling.h"
#include <limits>

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

uint64_t identityOf(Value value) { return reinterpret_cast<uintptr_t>(value.getAsOpaquePointer()); }

void addTo(std::vector<uint64_t> &key, const Coordinate &a) {
  key.push_back(static_cast<uint64_t>(a.constant));
  key.push_back(static_cast<uint64_t>(a.step));
  key.push_back(identityOf(a.scalar));
  key.push_back(identityOf(a.lanes));
}

Coordinate placeAt(int64_t place) {
  Coordinate at;
  at.constant = place;
  return at;
}

Type elementOf(Value value) { return getElementTypeOrSelf(value.getType()); }

} // namespace

Value ElementEmitter::vector(Location loc, Value value) {
  Type type = target.vectorOf(value.getType());
  if (isa<VectorType>(value.getType()) || type == value.getType())
    return value;
  return builder.create<vector::BroadcastOp>(loc, type, value);
}

Value ElementEmitter::zero(Location loc, Type element) {
  return builder.create<arith::ConstantOp>(loc, cast<TypedAttr>(builder.getZeroAttr(element)));
}

Coordinate ElementEmitter::offset(Type type, const Index &index, Place::Kind kind, Location loc) {
  if (kind == Place::memory && isBatched(type) && index.flat)
    return *index.flat;
  IndexMath math(builder, loc, target.lanes());
  Coordinate place = math.linear(index.digits);
  if (kind == Place::laneSlots) {
    place = math.scale(place, target.lanes());
    place.step = 1;
    return place;
  }
  if (kind == Place::memory && isBatched(type) && !index.merged)
    place = math.add(math.scale(index.row, exampleElements(type)), place);
  return place;
}

Value ElementEmitter::load(Location loc, Type type, const Place &place, const Index &index) {
  if (place.kind == Place::number)
    return place.value;
  Coordinate where = offset(type, index, place.kind, loc);
  // Examples in lanes always exist in memory: batches are padded.
  bool lanesAreRows = place.kind == Place::laneSlots;
  return target.load(builder, loc, place.value, getElementTypeOrSelf(type), where,
                     lanesAreRows ? Value() : mask, place.invariant);
}

Value ElementEmitter::element(Value value, const Index &index) {
  // A value without a batch is the same in every row.
  Index own = index;
  if (!isBatched(value.getType())) {
    own.row = Coordinate();
    own.flat.reset();
    // A merged index counts through the rows, so here it can only mean the one element.
    if (index.merged) {
      own.merged = false;
      own.digits.clear();
    }
  }
  Key key = {identityOf(value), identityOf(mask)};
  addTo(key, own.row);
  if (own.flat)
    addTo(key, *own.flat);
  for (const Digit &digit : own.digits) {
    if (digit.extent == 1)
      continue;
    key.push_back(static_cast<uint64_t>(digit.extent));
    addTo(key, digit.at);
  }
  for (const auto &scope : llvm::reverse(known))
    if (auto found = scope.find(key); found != scope.end())
      return found->second;
  Value result = emit(value, own);
  known.back()[key] = result;
  return result;
}

Value ElementEmitter::emit(Value value, const Index &index) {
  if (auto place = places.find(value); place != places.end())
    return load(value.getLoc(), value.getType(), place->second, index);
  Operation *op = value.getDefiningOp();
  assert(op && "an argument without a place");
  Location loc = op->getLoc();
  if (auto elementwise = dyn_cast<ElementwiseOpInterface>(op)) {
    llvm::SmallVector<Value> operands;
    bool vectors = false;
    for (Value operand : op->getOperands()) {
      Index at = index;
      if (exampleRank(operand.getType()) == 0 && exampleRank(value.getType()) != 0 &&
          !index.merged) {
        at.digits.clear();
        at.flat.reset();
      }
      operands.push_back(element(operand, at));
      vectors |= isa<VectorType>(operands.back().getType());
    }
    if (vectors)
      for (Value &operand : operands)
        operand = vector(loc, operand);
    return elementwise.buildScalar(builder, loc, operands);
  }
  return emitShape(op, index);
}

Index ElementEmitter::with(const Index &index, llvm::ArrayRef<llvm::SmallVector<Digit, 2>> axes) {
  Index result;
  result.row = index.row;
  for (const auto &digits : axes)
    result.digits.append(digits.begin(), digits.end());
  return result;
}

Value ElementEmitter::emitShape(Operation *op, const Index &index) {
  Location loc = op->getLoc();
  Type element = elementOf(op->getResult(0));
  IndexMath math(builder, loc, target.lanes());
  auto axesOf = [&] {
    return math.regroup(index.digits, exampleShape(op->getResult(0).getType()));
  };
  if (keepsElements(op))
    return this->element(op->getOperand(0), index);
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](ConstantOp constant) -> Value {
        double value = constant.getValue().convertToDouble();
        TypedAttr attribute = isa<FloatType>(element)
                                  ? TypedAttr(builder.getFloatAttr(element, value))
                                  : builder.getIntegerAttr(element, static_cast<int64_t>(value));
        return builder.create<arith::ConstantOp>(loc, attribute);
      })
      .Case([&](ConstantListOp list) { return emitList(list, index); })
      .Case([&](IotaOp) -> Value {
        Coordinate at = math.linear(index.digits);
        Value place = at.uniform() ? math.asScalar(at) : math.asLanes(at);
        Type type = at.uniform() ? element : target.vectorOf(element);
        return builder.create<arith::SIToFPOp>(loc, type, place);
      })
      .Case([&](SplatOp splat) -> Value {
        Value number = numbers.lookup(splat.getValue());
        if (!number) {
          assert(splat.getValue().getDefiningOp<BatchSizeOp>() && "a number without a place");
          number = builder.create<arith::SIToFPOp>(loc, builder.getF64Type(), batch);
        }
        return element.isF64() ? number
                               : builder.create<arith::TruncFOp>(loc, element, number).getResult();
      })
      .Case([&](BroadcastOp broadcast) {
        // New axes of one element move nothing.
        Type from = broadcast.getInput().getType();
        if (exampleElements(from) == exampleElements(broadcast.getType()))
          return this->element(broadcast.getInput(), index);
        auto axes = axesOf();
        llvm::SmallVector<llvm::SmallVector<Digit, 2>> kept;
        for (int64_t axis : broadcast.getAxes())
          kept.push_back(axes[axis]);
        return this->element(broadcast.getInput(), with(index, kept));
      })
      .Case([&](TransposeOp transpose) {
        auto axes = axesOf();
        llvm::SmallVector<llvm::SmallVector<Digit, 2>> source(axes.size());
        for (auto [i, axis] : llvm::enumerate(transpose.getPermutation()))
          source[axis] = axes[i];
        return this->element(transpose.getInput(), with(index, source));
      })
      .Case([&](SliceOp slice) {
        auto axes = axesOf();
        Coordinate at = math.linear(axes[slice.getAxis()]);
        at.constant += slice.getBegin();
        int64_t size = exampleShape(slice.getInput().getType())[slice.getAxis()];
        axes[slice.getAxis()] = {Digit{at, size}};
        return this->element(slice.getInput(), with(index, axes));
      })
      .Case([&](PadSliceOp pad) {
        return emitPart(op, pad.getInput(), index, pad.getAxis(), placeAt(pad.getBegin()),
                        zero(loc, element));
      })
      .Case([&](ShiftOp shift) { return emitShift(shift, index); })
      .Case([&](ReverseOp reverse) {
        auto axes = axesOf();
        int64_t size = exampleShape(reverse.getType())[reverse.getAxis()];
        Coordinate at = math.scale(math.linear(axes[reverse.getAxis()]), -1);
        at.constant += size - 1;
        axes[reverse.getAxis()] = {Digit{at, size}};
        return this->element(reverse.getInput(), with(index, axes));
      })
      .Case([&](ConcatOp concat) { return emitConcat(concat, index); })
      .Case([&](OneHotOp hot) -> Value {
        Index example;
        example.row = index.row;
        Value label = this->element(hot.getLabel(), example);
        Coordinate at = math.linear(index.digits);
        bool vectors = !at.uniform() || isa<VectorType>(label.getType());
        Value place = vectors ? math.asLanes(at) : math.asScalar(at);
        return builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::eq,
                                             vectors ? vector(loc, label) : label, place);
      })
      .Case([&](FirstMaxMaskOp first) { return emitMask(first, index); })
      .Default([](Operation *op) -> Value {
        // Or a reduction that no nest gave a place.
        llvm::report_fatal_error("internal: no kernel form of " + op->getName().getStringRef());
      });
}

/// The element of `input`, which lies at `begin` of the axis, where there is one; else
/// `otherwise`. The index is kept in range where there is none.
Value ElementEmitter::emitPart(Operation *op, Value input, const Index &index, int64_t axis,
                               const Coordinate &begin, Value otherwise) {
  Location loc = op->getLoc();
  IndexMath math(builder, loc, target.lanes());
  auto axes = math.regroup(index.digits, exampleShape(op->getResult(0).getType()));
  int64_t size = exampleShape(input.getType())[axis];
  Coordinate at = math.add(math.linear(axes[axis]), math.scale(begin, -1));
  bool vectors = !at.uniform();
  Value place = vectors ? math.asLanes(at) : math.asScalar(at);
  auto number = [&](int64_t value) {
    return vectors ? vector(loc, math.constant(value)) : math.constant(value);
  };
  // As an unsigned number a place before the begin is large.
  Value inside = builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::ult, place, number(size));
  Coordinate bounded;
  (vectors ? bounded.lanes : bounded.scalar) =
      builder.create<arith::SelectOp>(loc, inside, place, number(0));
  axes[axis] = {Digit{bounded, size}};
  Value found = element(input, with(index, axes));
  if (vectors || isa<VectorType>(found.getType()) || isa<VectorType>(otherwise.getType())) {
    inside = vector(loc, inside);
    found = vector(loc, found);
    otherwise = vector(loc, otherwise);
  }
  return builder.create<arith::SelectOp>(loc, inside, found, otherwise);
}

/// The operand lies at the amount that the example says, which may be out of sight.
Value ElementEmitter::emitShift(ShiftOp op, const Index &index) {
  Location loc = op.getLoc();
  Index example;
  example.row = index.row;
  Value by = element(op.getBy(), example);
  bool vectors = isa<VectorType>(by.getType());
  Type amount = elementOf(op.getBy()), element = elementOf(op.getResult());
  auto number = [&](double value) {
    Value scalar = builder.create<arith::ConstantOp>(loc, builder.getFloatAttr(amount, value));
    return vectors ? vector(loc, scalar) : scalar;
  };
  auto size = static_cast<double>(exampleShape(op.getType())[op.getAxis()]);
  Value isNaN = builder.create<arith::CmpFOp>(loc, arith::CmpFPredicate::UNO, by, by);
  // No integer holds every amount; those beyond the axis all leave nothing of it.
  Value within = builder.create<arith::SelectOp>(loc, isNaN, number(size), by);
  within = builder.create<arith::MaximumFOp>(loc, within, number(-size));
  within = builder.create<arith::MinimumFOp>(loc, within, number(size));
  Value whole = builder.create<math::RoundEvenOp>(loc, within);
  Type place = builder.getI64Type();
  Coordinate begin;
  (vectors ? begin.lanes : begin.scalar) =
      builder.create<arith::FPToSIOp>(loc, vectors ? target.vectorOf(place) : place, whole);
  Value result = emitPart(op, op.getInput(), index, op.getAxis(), begin, zero(loc, element));
  if (!isa<FloatType>(element))
    return result;
  Value nan = builder.create<arith::ConstantOp>(
      loc, builder.getFloatAttr(element, std::numeric_limits<double>::quiet_NaN()));
  if (vectors || isa<VectorType>(result.getType())) {
    isNaN = vector(loc, isNaN);
    nan = vector(loc, nan);
    result = vector(loc, result);
  }
  return builder.create<arith::SelectOp>(loc, isNaN, nan, result);
}

Value ElementEmitter::emitConcat(ConcatOp op, const Index &index) {
  int64_t axis = op.getAxis();
  int64_t begin = exampleShape(op.getResult().getType())[axis];
  Value result = zero(op.getLoc(), elementOf(op.getResult()));
  for (Value input : llvm::reverse(op.getInputs())) {
    begin -= exampleShape(input.getType())[axis];
    result = emitPart(op, input, index, axis, placeAt(begin), result);
  }
  return result;
}

Value ElementEmitter::emitList(ConstantListOp op, const Index &index) {
  Location loc = op.getLoc();
  IndexMath math(builder, loc, target.lanes());
  Type element = elementOf(op.getResult());
  Coordinate at = math.linear(index.digits);
  auto values = op.getValues();
  if (at.isConstant())
    return builder.create<arith::ConstantOp>(loc,
                                             builder.getFloatAttr(element, values[at.constant]));
  // The module, or that of the GPU.
  Block &module =
      SymbolTable::getNearestSymbolTable(builder.getBlock()->getParentOp())->getRegion(0).front();
  llvm::SmallVector<Attribute> numbers;
  for (double value : values)
    numbers.push_back(builder.getFloatAttr(element, value));
  auto tensor = RankedTensorType::get({static_cast<int64_t>(values.size())}, element);
  Attribute data = DenseElementsAttr::get(tensor, numbers);
  LLVM::GlobalOp global;
  unsigned count = 0;
  for (auto known : module.getOps<LLVM::GlobalOp>()) {
    count += known.getSymName().starts_with("advx_list_");
    if (known.getSymName().starts_with("advx_list_") && known.getValueOrNull() == data)
      global = known;
  }
  if (!global) {
    OpBuilder top = OpBuilder::atBlockBegin(&module);
    global = top.create<LLVM::GlobalOp>(loc, LLVM::LLVMArrayType::get(element, values.size()),
                                        /*isConstant=*/true, LLVM::Linkage::Internal,
                                        ("advx_list_" + llvm::Twine(count)).str(), data);
  }
  Value address = builder.create<LLVM::AddressOfOp>(loc, global);
  return target.load(builder, loc, address, element, at, mask, /*invariant=*/true);
}

/// True where the place among the reduced axes is the one that the search for the maximum,
/// which has a place under the mask's name, found.
Value ElementEmitter::emitMask(FirstMaxMaskOp op, const Index &index) {
  Location loc = op.getLoc();
  IndexMath math(builder, loc, target.lanes());
  auto axes = math.regroup(index.digits, exampleShape(op.getType()));
  llvm::SmallVector<Digit> reduced;
  for (int64_t axis : op.getAxesOrAll())
    reduced.append(std::exchange(axes[axis], {}));
  Value first = load(loc, tensorType({}, builder.getI64Type(), isBatched(op.getType())),
                     maxima.lookup(op), with(index, axes));
  Coordinate at = math.linear(reduced);
  bool vectors = !at.uniform() || isa<VectorType>(first.getType());
  Value place = vectors ? math.asLanes(at) : math.asScalar(at);
  return builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::eq,
                                       vectors ? vector(loc, first) : first, place);
}

} // namespace advx::codegen
