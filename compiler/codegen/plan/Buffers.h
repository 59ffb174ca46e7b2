#ifndef ADVX_COMPILER_CODEGEN_PLAN_BUFFERS_H
#define ADVX_COMPILER_CODEGEN_PLAN_BUFFERS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/DenseMap.h"
#include <vector>

/// Which values of a step share memory, and from when to when it is in use.
namespace advx::codegen {

/// A piece of memory: one value and its aliases (reshape, stop_gradient), the
/// loop-carried values of one place, or a state leaf.
struct Buffer {
  mlir::Block *block = nullptr; ///< where it is defined; a loop's home: around the loop
  int64_t begin = 0;            ///< first position in use
  int64_t end = 0;              ///< last position in use
  int64_t size = 0;             ///< bytes, an example or whole
  bool batched = false;
  int leaf = -1;       ///< the state leaf that it is
  int64_t offset = -1; ///< in its arena
  llvm::SmallVector<mlir::OpOperand *> reads;
};

/// The buffers of one step. Construction linearises the function: every op has a
/// position, a loop has the positions of its op and of its terminator.
class Buffers {
public:
  /// Inserts the copies that make the rest a matter of offsets: a loop yields another
  /// place's old value, or a leaf's new value (or an output) is another leaf's old one.
  static void insertCopies(mlir::func::FuncOp step);

  explicit Buffers(mlir::func::FuncOp step);

  /// Merges what may share memory because no old value is read any more: the
  /// result of an op in place with an operand, the start of a loop's value with its home, the
  /// yielded value with the home, a leaf's new value with the leaf.
  void coalesce();

  /// The buffer of a tensor value.
  Buffer &of(mlir::Value value);

  /// Every buffer once, in the order of definition.
  std::vector<Buffer *> all();

private:
  int find(int id);
  int idOf(mlir::Value value);
  void define(mlir::Value value, mlir::Block *block, int64_t position);
  void number(mlir::Block &block);
  void visit(mlir::Block &block);
  void read(mlir::OpOperand &operand);
  void merge(int into, int from);
  /// The last position at which an op reads the buffer inside `block`, or -1.
  int64_t lastReadIn(const Buffer &buffer, mlir::Block *block);
  /// Whether the buffer `value` may be merged into `home`, which is or was `old`: nobody in
  /// `block` reads `old` any more, but for an op that makes its result in place.
  bool mayOverwrite(int home, const Buffer &old, int value, mlir::Block *block);
  /// Makes `value`, and the chain of ops in place in `block` that leads to it, in the
  /// buffer `home` as far back as the old value is not needed.
  void makeIn(int home, mlir::Value value, mlir::Block *block);
  void coalesceInPlace(mlir::OpResult result);
  void coalesceLoop(mlir::scf::ForOp loop);

  mlir::func::FuncOp step;
  int64_t last = 0;
  llvm::DenseMap<mlir::Operation *, int64_t> beginOf;
  llvm::DenseMap<mlir::Operation *, int64_t> endOf;
  llvm::DenseMap<int64_t, mlir::Operation *> opAt;
  llvm::DenseMap<mlir::Value, int> ids;
  std::vector<Buffer> buffers;
  std::vector<int> parent;
  llvm::SmallVector<mlir::scf::ForOp> loops; ///< inner before outer
};

/// Whether the op's result is its operand 0 under another type, so that it needs no
/// memory and no call.
bool isAlias(mlir::Operation *op);

} // namespace advx::codegen

#endif
