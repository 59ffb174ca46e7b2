#ifndef ADVX_COMPILER_CODEGEN_KERNELS_ELEMENTS_H
#define ADVX_COMPILER_CODEGEN_KERNELS_ELEMENTS_H

#include "compiler/codegen/kernels/LaneTarget.h"
#include "dialect/IR/AdvxOps.h"
#include "llvm/ADT/DenseMap.h"
#include <map>
#include <string>

/// From a value of a cluster's body and an index to the code of that element.
namespace advx::codegen {

/// Where the elements of a value of the body lie.
struct Place {
  enum Kind {
    memory,      ///< row-major, with a row for each example if the value is batched
    exampleOnly, ///< row-major, of the example at hand only
    laneSlots,   ///< a slot of `lanes` elements for each element: one example a lane
    number       ///< the value has one element, which is `value`
  };
  Kind kind = memory;
  mlir::Value value; ///< the address, or the element
  bool invariant = false;
};

/// Emits elements by following the ops of the body to values that have a place. An element
/// that no lane tells apart is a scalar, else a vector of lanes. The same element at the same
/// index is emitted once in a scope.
class ElementEmitter {
public:
  ElementEmitter(mlir::OpBuilder &builder, LaneTarget &target) : builder(builder), target(target) {}

  void bind(mlir::Value value, Place place) { places[value] = place; }
  bool isBound(mlir::Value value) const { return places.count(value); }
  /// Where the place of the maximum, a row-major number over the reduced axes, lies for each
  /// place of the other axes.
  void bindMaximum(mlir::advx::FirstMaxMaskOp op, Place place) { maxima[op] = place; }
  /// The number (f64) behind an argument of the body that is no tensor.
  void bindNumber(mlir::Value argument, mlir::Value number) { numbers[argument] = number; }
  /// The length of the batch, as i64.
  void setBatch(mlir::Value batch) { this->batch = batch; }
  /// The lanes that exist (null: all).
  void setMask(mlir::Value mask) { this->mask = mask; }
  mlir::Value getMask() const { return mask; }

  mlir::Value element(mlir::Value value, const Index &index);

  /// The offset of an element in memory as a place has it.
  Coordinate offset(mlir::Type type, const Index &index, Place::Kind kind, mlir::Location loc);

  /// `value`, which may be a scalar, as a vector.
  mlir::Value vector(mlir::Location loc, mlir::Value value);

  /// What is emitted while a scope lives is not used after it.
  class Scope {
  public:
    explicit Scope(ElementEmitter &emitter) : emitter(emitter) { emitter.known.emplace_back(); }
    ~Scope() { emitter.known.pop_back(); }
    Scope(const Scope &) = delete;
    Scope &operator=(const Scope &) = delete;

  private:
    ElementEmitter &emitter;
  };

  mlir::OpBuilder &getBuilder() { return builder; }
  LaneTarget &getTarget() { return target; }

private:
  mlir::Value emit(mlir::Value value, const Index &index);
  mlir::Value load(mlir::Location loc, mlir::Type type, const Place &place, const Index &index);
  mlir::Value emitShape(mlir::Operation *op, const Index &index);
  mlir::Value emitConcat(mlir::advx::ConcatOp op, const Index &index);
  mlir::Value emitPart(mlir::Operation *op, mlir::Value input, const Index &index, int64_t axis,
                       const Coordinate &begin, mlir::Value otherwise);
  mlir::Value emitShift(mlir::advx::ShiftOp op, const Index &index);
  mlir::Value emitList(mlir::advx::ConstantListOp op, const Index &index);
  mlir::Value emitMask(mlir::advx::FirstMaxMaskOp op, const Index &index);
  mlir::Value zero(mlir::Location loc, mlir::Type element);
  Index with(const Index &index, llvm::ArrayRef<llvm::SmallVector<Digit, 2>> axes);

  mlir::OpBuilder &builder;
  LaneTarget &target;
  mlir::Value batch, mask;
  llvm::DenseMap<mlir::Value, Place> places;
  llvm::DenseMap<mlir::Operation *, Place> maxima;
  llvm::DenseMap<mlir::Value, mlir::Value> numbers;
  using Key = std::vector<uint64_t>;
  std::vector<std::map<Key, mlir::Value>> known;
};

} // namespace advx::codegen

#endif
