#ifndef ADVX_COMPILER_CODEGEN_CPU_KERNELBUILDER_H
#define ADVX_COMPILER_CODEGEN_CPU_KERNELBUILDER_H

#include "compiler/codegen/cpu/VectorTarget.h"
#include "compiler/codegen/kernels/Kernels.h"
#include "compiler/codegen/kernels/Nests.h"

namespace advx::codegen {

/// One function of a kernel: its arguments, and the emitters that write its body. The body's
/// operands are bound to the buffers.
class KernelBuilder {
public:
  KernelBuilder(mlir::advx::ClusterOp cluster, llvm::StringRef name);

  /// The clusters' results that are `value`.
  void addResult(mlir::Value value);

  /// A null scalar or a constant as i64.
  mlir::Value integer(int64_t value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value multiply(mlir::Value a, int64_t b);
  mlir::Value smaller(mlir::Value a, mlir::Value b);
  mlir::Value larger(mlir::Value a, mlir::Value b);
  /// `base` and so many bytes.
  mlir::Value shifted(mlir::Value base, mlir::Value bytes);

  /// Calls the body for each tile of `[from, to)` clipped to what the function is asked for.
  void forTiles(mlir::Value from, mlir::Value to, llvm::function_ref<void(mlir::Value)> body);

  int64_t lanes() { return target.lanes(); }

  mlir::advx::ClusterOp cluster;
  mlir::OpBuilder builder, entry;
  mlir::Location loc;
  mlir::LLVM::LLVMFuncOp function;
  VectorTarget target;
  ElementEmitter elements;
  NestEmitter nests;
  mlir::Value begin, end, batch, partials;

private:
  ElementEmitter::Scope scope;
  llvm::SmallVector<mlir::Value> buffers;
};

/// Elements of one example that a kernel may keep in memory of its own.
inline constexpr int64_t kScratchElements = 4096;

// The templates. Each emits the functions of a kernel and says what its AdvxKernel is.
KernelInfo emitElementwise(mlir::advx::ClusterOp cluster, llvm::StringRef name);
mlir::FailureOr<KernelInfo> emitRow(mlir::advx::ClusterOp cluster, llvm::StringRef name);
KernelInfo emitFull(mlir::advx::ClusterOp cluster, llvm::StringRef name);
mlir::FailureOr<KernelInfo> emitChannel(mlir::advx::ClusterOp cluster, llvm::StringRef name);

} // namespace advx::codegen

#endif
