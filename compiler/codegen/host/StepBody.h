#ifndef ADVX_COMPILER_CODEGEN_HOST_STEPBODY_H
#define ADVX_COMPILER_CODEGEN_HOST_STEPBODY_H

#include "compiler/codegen/host/CallArrays.h"
#include "compiler/codegen/host/ModuleParts.h"
#include "dialect/IR/AdvxOps.h"
#include "dialect/Interfaces/RuntimeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

namespace advx::codegen {

/// Lowers one step, op by op; `lowerStep` is how others ask for it. Loops are in
/// LoopLowering.cpp, all else in StepLowering.cpp.
class StepLowering {
public:
  StepLowering(mlir::func::FuncOp step, ModuleParts &parts, CallArrays &arrays)
      : step(step), parts(parts), arrays(arrays), builder(step.getContext()) {}

  mlir::FailureOr<mlir::LLVM::LLVMFuncOp> run();

private:
  /// An array of a call; null without entries.
  struct Array {
    mlir::Value address;
    int32_t length = 0;
  };

  // Every emitter takes the location of the op that it is for.
  mlir::Value element(mlir::Location loc, mlir::Type type, mlir::Value array, int64_t index) {
    return builder.create<mlir::LLVM::GEPOp>(
        loc, parts.pointer(), type, array,
        llvm::ArrayRef<mlir::LLVM::GEPArg>{static_cast<int32_t>(index)});
  }
  // MLIR's conversions leave block arguments of type index behind, so what crosses a
  // block is an i64.
  mlir::Value asWord(mlir::Location loc, mlir::Value value) {
    if (!value.getType().isIndex())
      return value;
    return builder.create<mlir::arith::IndexCastOp>(loc, builder.getI64Type(), value);
  }
  mlir::Value asType(mlir::Location loc, mlir::Value value, mlir::Type type) {
    if (!type.isIndex())
      return value;
    return builder.create<mlir::arith::IndexCastOp>(loc, type, value);
  }
  void reserveCallArrays(mlir::Location loc);
  void readContext(mlir::Location loc);
  mlir::LogicalResult call(mlir::Location loc, llvm::StringRef name, int32_t tensors,
                           llvm::ArrayRef<int64_t> attributes, Array numbers, Array counters);
  mlir::LogicalResult copy(mlir::Location loc, mlir::RankedTensorType type, int64_t to,
                           int64_t from);

  mlir::LogicalResult lowerBlock(mlir::Block &block);
  mlir::LogicalResult lowerOp(mlir::Operation *op);
  mlir::LogicalResult lowerRuntimeOp(mlir::advx::RuntimeOpInterface op);
  mlir::LogicalResult lowerCluster(mlir::advx::ClusterOp cluster);
  mlir::LogicalResult lowerLoop(mlir::scf::ForOp loop);
  mlir::LogicalResult lowerRun(mlir::scf::ForOp loop, mlir::ValueRange numbers,
                               llvm::SmallVectorImpl<mlir::Value> &yielded);
  mlir::Value allTrue(mlir::advx::EndLoopOp op);
  mlir::LogicalResult lowerReturn(mlir::func::ReturnOp op);
  void notePlaces(mlir::Operation *op);

  mlir::func::FuncOp step;
  ModuleParts &parts;
  CallArrays &arrays;
  mlir::OpBuilder builder;
  mlir::IRMapping numbersOf; ///< numbers and indices of the step in the new function
  llvm::DenseMap<mlir::Operation *, mlir::Value> ended; ///< by loop: whether its last run ends it
  llvm::DenseMap<mlir::Value, int64_t> offsets;
  mlir::Value context, uniforms;
  Arenas arenas;
  mlir::Value tensorArray, numberArray, counterArray, bufferArray;
};

} // namespace advx::codegen

#endif
