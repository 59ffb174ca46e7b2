#ifndef ADVX_COMPILER_CODEGEN_GPU_GPUKERNEL_H
#define ADVX_COMPILER_CODEGEN_GPU_GPUKERNEL_H

#include "compiler/codegen/gpu/ThreadTarget.h"
#include "compiler/codegen/kernels/Elements.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace advx::codegen {

inline constexpr int64_t kWarpThreads = 32;
/// Warps of a block, fewer where their shared memory does not suffice.
inline constexpr int64_t kBlockWarps = 8;
/// Shared memory that every device gives a block.
inline constexpr int64_t kSharedBytes = 48 * 1024;

/// One `gpu.func` in the making. Its arguments, in this order:
///   * for each result of the cluster the address of its buffer, then for each operand the address
///     of its buffer (!llvm.ptr<1>, aligned to 16 bytes) or the number (f64);
///   * if the cluster has a batch: its length (i64);
///   * if it sums over the batch: the address of the partials, `partialBytes` a tile.
/// A kernel reads `gpu.block_id x` and is right for any number of blocks, unless it is told to run
/// as one; the attributes say what a launch has to know (finish).
class GpuKernel {
public:
  GpuKernel(mlir::advx::ClusterOp cluster, mlir::gpu::GPUModuleOp module, llvm::StringRef name,
            bool hasPartials);

  /// What emits the elements that threads compute; the body's operands are bound to the buffers.
  /// Places that are bound later are known to the given emitter only.
  void bindOperands(ElementEmitter &elements);
  /// The buffers of the results that are `value`.
  llvm::SmallVector<mlir::Value> buffersOf(mlir::Value value);

  /// Constants and arithmetic on i64.
  mlir::Value integer(int64_t value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value multiply(mlir::Value a, mlir::Value b);
  mlir::Value multiply(mlir::Value a, int64_t b) { return multiply(a, integer(b)); }
  mlir::Value smaller(mlir::Value a, mlir::Value b);
  mlir::Value less(mlir::Value a, mlir::Value b);
  /// `base` and so many bytes, in base's address space.
  mlir::Value shifted(mlir::Value base, mlir::Value bytes);

  /// gpu.thread_id x, gpu.block_id x and gpu.grid_dim x as i64, once a kernel.
  mlir::Value thread() { return threadId; }
  mlir::Value block() { return blockId; }
  mlir::Value blocks() { return gridSize; }
  /// The threads of a block, the warps of a block, the warp of this thread, its lane.
  mlir::Value threads() { return threadCount; }
  mlir::Value warps() { return warpCount; }
  mlir::Value warp() { return warpId; }
  mlir::Value lane() { return laneId; }

  /// Shared memory, aligned to 16 bytes: one piece for the block, or one for each warp.
  mlir::Value shareInBlock(int64_t bytes);
  mlir::Value shareInWarp(int64_t bytes);
  /// What shareInWarp gave to this warp, as another warp has it.
  mlir::Value sharedOfWarp(mlir::Value mine, mlir::Value other);

  /// Bodies run under the condition; in a loop from begin to end (i64) with what it carries.
  void ifThen(mlir::Value condition, llvm::function_ref<void()> body);
  llvm::SmallVector<mlir::Value>
  loop(mlir::Value begin, mlir::Value end, mlir::Value step, mlir::ValueRange carried,
       llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)> body);

  /// All threads of the block, of the warp: what any wrote before, all see after.
  void syncBlock();
  void syncWarp();

  /// Lays out the shared memory and settles the number of warps; emitted code uses both before
  /// they are known. `advx.launch` on the function is then {threads, rows: examples a block takes
  /// at a time, 0 where elements are spread over any grid, one_block, partial_bytes}. Refuses, at
  /// the cluster, what needs more shared memory than there is.
  mlir::LogicalResult finish(int64_t rowsPerWarp, bool oneBlock, int64_t partialBytes);

  mlir::advx::ClusterOp cluster;
  mlir::gpu::GPUFuncOp function;
  mlir::OpBuilder builder;
  mlir::Location loc;
  mlir::Value batch, partials;

private:
  /// Declares the shared memory.
  void declareShared();
  /// The next `bytes` behind `base`, of which `used` are given away.
  mlir::Value share(const mlir::Value &base, int64_t &used, int64_t bytes);

  mlir::gpu::GPUModuleOp module;
  llvm::SmallVector<mlir::Value> buffers;
  mlir::Value threadId, blockId, gridSize, warpId, laneId;
  mlir::arith::ConstantOp threadCount, warpCount, warpBytesConstant, warpsBeginConstant;
  mlir::LLVM::GlobalOp sharedMemory;
  mlir::Value sharedBase, warpBase;
  int64_t blockBytes = 0, warpBytes = 0;
};

} // namespace advx::codegen

#endif
