#ifndef ADVX_COMPILER_CODEGEN_HOST_MODULEPARTS_H
#define ADVX_COMPILER_CODEGEN_HOST_MODULEPARTS_H

#include "compiler/codegen/host/AbiTypes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"
#include <string>

namespace advx::codegen {

/// Makes a constant whose value is an aggregate, where the builder stands; `value` builds it.
mlir::LLVM::GlobalOp defineConstant(mlir::OpBuilder &builder, mlir::Location loc,
                                    llvm::StringRef name, mlir::Type type,
                                    mlir::LLVM::Linkage linkage,
                                    llvm::function_ref<mlir::Value(mlir::OpBuilder &)> value);

/// An integer constant.
mlir::Value integer(mlir::OpBuilder &builder, mlir::Location loc, unsigned bits, int64_t value);

/// What the functions of one object share: constant arrays and strings (equal ones once),
/// declarations of runtime functions. New globals and helpers stand at the start of the
/// module.
class ModuleParts {
public:
  explicit ModuleParts(mlir::ModuleOp module);

  /// The address of a constant array; a null pointer if it is empty.
  mlir::Value integers(mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<int64_t> values,
                       llvm::StringRef prefix = "advx_integers_");
  mlir::Value numbers(mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<double> values);

  /// The address of an AdvxCounts.
  mlir::Value counts(mlir::OpBuilder &builder, mlir::Location loc, const AdvxCounts &counts);

  /// A zero-terminated string.
  mlir::LLVM::GlobalOp string(llvm::StringRef name, llvm::StringRef text);

  /// Declares an `AdvxOp`.
  mlir::LLVM::LLVMFuncOp runtimeFunction(llvm::StringRef name, mlir::Location loc);

  /// Declares `advx_launch_kernel`.
  mlir::LLVM::LLVMFuncOp launchFunction();

  /// The address of the AdvxKernel of a function that `advx-kernels` made.
  mlir::Value kernel(mlir::OpBuilder &builder, mlir::Location loc, llvm::StringRef name);

  /// A function of this object only, of no result and without a body yet.
  mlir::LLVM::LLVMFuncOp helper(llvm::StringRef name, llvm::ArrayRef<mlir::Type> arguments);

  mlir::LLVM::LLVMPointerType pointer() const { return pointerType; }
  mlir::LLVM::LLVMVoidType nothing() const { return voidType; }

private:
  mlir::Value address(mlir::OpBuilder &builder, mlir::Location loc, llvm::StringRef prefix,
                      const std::string &key, mlir::DenseElementsAttr values);

  /// The module's op of a name; looking through the module itself would take longer with each.
  template <typename OpTy> OpTy find(llvm::StringRef name) {
    return llvm::dyn_cast_or_null<OpTy>(symbols.lookup(name));
  }
  template <typename OpTy> OpTy added(llvm::StringRef name, OpTy op) {
    symbols[name] = op;
    return op;
  }

  mlir::ModuleOp module;
  mlir::OpBuilder top;
  llvm::StringMap<mlir::Operation *> symbols;
  mlir::LLVM::LLVMPointerType pointerType;
  mlir::LLVM::LLVMVoidType voidType;
  llvm::StringMap<mlir::LLVM::GlobalOp> globals;
};

} // namespace advx::codegen

#endif
