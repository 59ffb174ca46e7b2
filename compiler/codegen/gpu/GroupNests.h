#ifndef ADVX_COMPILER_CODEGEN_GPU_GROUPNESTS_H
#define ADVX_COMPILER_CODEGEN_GPU_GROUPNESTS_H

#include "compiler/codegen/gpu/GpuKernel.h"
#include "compiler/codegen/kernels/Schedule.h"

/// From nests of a schedule to loops that the threads of a warp, or of a block, share.
namespace advx::codegen {

/// Threads that compute one example together, or what has no batch.
enum class Group { warp, block };

/// Emits nests at the kernel's place. Every element is visited by one thread: the threads of the
/// group are dealt the elements that a nest keeps, or those that it reduces, whichever keeps more
/// of them busy. Values that later nests read go to shared memory, or stay where they are written
/// as results.
class GroupNests {
public:
  GroupNests(GpuKernel &kernel, ElementEmitter &elements, Group group)
      : kernel(kernel), elements(elements), builder(kernel.builder), group(group) {}

  /// What the elements of the value are added to, example after example: memory of this group,
  /// laid out as one example.
  void setPartial(mlir::Value value, mlir::Value partial) { partials[value] = partial; }

  /// Results of the cluster are not written here, but only used.
  void leaveResults() { writesResults = false; }

  /// Emits the nests of one example (null: of what has no batch). All threads of the group must
  /// be here. When a nest is over, all see what it wrote; but for the last one of an example, since
  /// whoever emits the next example has to synchronise before it.
  void emit(const Schedule &schedule, mlir::Value row);

  /// Calls the body with 0 … count - 1, dealt over the threads of the group.
  void deal(int64_t count, llvm::function_ref<void(mlir::Value)> body);

  void sync();

private:
  using Carried = llvm::SmallVector<mlir::Value>;

  /// A nest in the making.
  struct Walk {
    explicit Walk(const Nest &nest) : nest(nest) {}

    const Nest &nest;
    Coordinate row;
    llvm::SmallVector<Digit> digits;
    int64_t kept = 1, reduced = 1;   ///< elements
    bool dealsReduced = false;       ///< else the threads share the kept ones
    bool single = false;             ///< one element, which every thread computes
    llvm::SmallVector<Place> places; ///< of the reductions

    Index index() const;
    llvm::SmallVector<Digit> part(bool reduced) const;
  };

  bool emitNest(const Nest &nest, mlir::Value row);
  void reserve(Walk &walk);
  /// Sets the kept, or the reduced, digits to those of a row-major number.
  void place(Walk &walk, bool reduced, mlir::Value number);
  Carried visit(Walk &walk, mlir::ValueRange carried);
  Carried visitReduced(Walk &walk);
  Carried elementOf(mlir::Operation *op, const Walk &walk);
  Carried across(const Walk &walk, mlir::ValueRange carried);
  Carried combineAll(const Nest &nest, mlir::ValueRange a, mlir::ValueRange b);
  void finish(Walk &walk, mlir::ValueRange carried);
  /// Stores once, where more than one thread has the value.
  void store(mlir::Location loc, mlir::Value value, mlir::Value base, const Coordinate &where,
             bool everyThread);
  llvm::SmallVector<mlir::Value> buffersOf(mlir::Value value) {
    return writesResults ? kernel.buffersOf(value) : llvm::SmallVector<mlir::Value>();
  }
  mlir::Value rank() { return group == Group::warp ? kernel.lane() : kernel.thread(); }
  mlir::Value size();
  mlir::Value share(int64_t bytes);

  GpuKernel &kernel;
  ElementEmitter &elements;
  mlir::OpBuilder &builder;
  Group group;
  bool writesResults = true;
  llvm::DenseMap<mlir::Value, mlir::Value> partials;
  llvm::DenseMap<mlir::Value, Place> madePlaces; ///< of the nest in the making
  llvm::SmallVector<mlir::Value> crossing;       ///< a slot a warp, for what crosses them
};

} // namespace advx::codegen

#endif
