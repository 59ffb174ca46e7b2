#ifndef ADVX_COMPILER_CODEGEN_KERNELS_NESTS_H
#define ADVX_COMPILER_CODEGEN_KERNELS_NESTS_H

#include "compiler/codegen/kernels/Elements.h"
#include "compiler/codegen/kernels/Schedule.h"

#include <functional>
#include <optional>

/// From nests of a schedule to loops.
namespace advx::codegen {

/// What surrounds the loops of a nest.
struct Frame {
  Coordinate row;               ///< the example; with a step of 1, one a lane
  std::optional<Digit> leading; ///< stands for the first extent of every nest
  std::optional<Digit> last;    ///< stands for the last extent, and has the lanes
  /// Lanes of `last` that exist (null: all).
  mlir::Value mask;

  bool fixedLanes() const { return row.step || last; }
};

/// Emits nests at the builder's place, and binds what they make to where it lies.
class NestEmitter {
public:
  /// `entry` stands at the start of the function, where memory is reserved.
  NestEmitter(ElementEmitter &elements, mlir::OpBuilder &entry)
      : elements(elements), builder(elements.getBuilder()), target(elements.getTarget()),
        entry(entry) {}

  /// The value is also to be written to this buffer. More than one is allowed.
  void addResult(mlir::Value value, mlir::Value buffer) { results[value].push_back(buffer); }

  /// What the elements of the value are added to, example after example; with examples in
  /// lanes only those where `rows` is true. In a frame with a last digit all elements of a lane
  /// are added to one accumulator (accumulatorOf) a lane.
  void setPartial(mlir::Value value, mlir::Value partial) { partials[value] = partial; }
  void setRows(mlir::Value rows) { this->rows = rows; }

  void emit(const Nest &nest, const Frame &frame);

  /// The elements [begin, end) of values of one size, counted through the batch if `merged`.
  /// Without `tail` the number of elements is a multiple of the lanes.
  void emitFlat(llvm::ArrayRef<mlir::Value> made, bool merged, int64_t extent, mlir::Value begin,
                mlir::Value end, bool tail);

  /// scf.for from `begin` to `end` (i64) whose body gets the counter and what it carries.
  llvm::SmallVector<mlir::Value>
  loop(mlir::Location loc, mlir::Value begin, mlir::Value end, int64_t step,
       mlir::ValueRange carried,
       llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)> body);

private:
  using Carried = llvm::SmallVector<mlir::Value>;
  using Body = std::function<Carried(mlir::ValueRange)>;

  /// A nest in the making: its digits as far as loops around the builder's place fix them.
  struct Walk {
    const Nest &nest;
    const Frame &frame;
    llvm::SmallVector<Digit> digits;
    llvm::SmallVector<bool> reducedDigit;
    llvm::SmallVector<size_t> kept, reduced; ///< digits to loop over, outer first
    int lane = -1;                           ///< the digit that has the lanes, or none
    bool vectors = false;                    ///< accumulators are vectors
    llvm::SmallVector<Place> places;         ///< of the reductions

    Index index() const;
    llvm::SmallVector<Digit> part(bool wantReduced) const;
    bool straight() const { return kept.empty() && reduced.empty(); }
  };

  void walkKept(Walk &walk, size_t position);
  Carried walkReduced(Walk &walk, size_t position, mlir::ValueRange carried);
  Carried walkDigit(Walk &walk, size_t digit, mlir::ValueRange carried, const Body &body);
  Carried visit(Walk &walk, mlir::ValueRange carried);
  void write(mlir::Value value, const Index &index, bool straight);
  void addUp(mlir::Value value, const Walk &walk);
  void finish(Walk &walk, mlir::ValueRange carried);
  Carried start(Walk &walk);

  // Reductions.cpp: a sum or maximum carries its value, a search also the place.
  Carried initial(mlir::Operation *op, bool vectors);
  Carried combine(mlir::Operation *op, mlir::ValueRange a, mlir::ValueRange b);
  Carried across(mlir::Operation *op, mlir::ValueRange lanes);
  Carried elementOf(mlir::Operation *op, const Walk &walk);
  mlir::Value sumOfLanes(mlir::Location loc, mlir::Value value);
  void store(mlir::Location loc, mlir::Value value, mlir::Value base, const Coordinate &where);
  Place reserve(const Walk &walk, mlir::Type element, int64_t count);

  ElementEmitter &elements;
  mlir::OpBuilder &builder;
  LaneTarget &target;
  mlir::OpBuilder &entry;
  mlir::Value rows;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Value, 1>> results;
  llvm::DenseMap<mlir::Value, mlir::Value> partials;
  llvm::DenseMap<mlir::Value, Place> madePlaces; ///< of the nest in the making
};

} // namespace advx::codegen

#endif
