#ifndef ADVX_COMPILER_CODEGEN_HOST_ABITYPES_H
#define ADVX_COMPILER_CODEGEN_HOST_ABITYPES_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "runtime/abi/advx_abi.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/Support/ErrorHandling.h"
#include <string>
#include <type_traits>

/// The structs of runtime/abi/structs.def as LLVM types and values. Fields are set by name.
namespace advx::codegen {

/// `AdvxTensorField::rank` is the number of the field AdvxTensor::rank, and so for each struct.
// clang-format off
#define ADVX_STRUCT(name, size) enum class name##Field : int32_t {
#define ADVX_FIELD(name, type, field, offset) field,
#define ADVX_END(name) };
// clang-format on
#include "runtime/abi/structs.def"

/// A struct as structs.def describes it.
struct AbiStruct {
  struct Field {
    llvm::StringRef name;
    uint64_t offset; ///< bytes
    uint64_t bytes;
    bool isPointer; ///< else it is an integer
  };

  mlir::LLVM::LLVMStructType type(mlir::MLIRContext *context) const;

  llvm::StringRef name;
  uint64_t bytes;
  llvm::ArrayRef<Field> fields;
};

/// The struct with these fields.
template <typename Field> const AbiStruct &abiStruct();
#define ADVX_STRUCT(name, size) template <> const AbiStruct &abiStruct<name##Field>();
#define ADVX_FIELD(name, type, field, offset)
#define ADVX_END(name)
#include "runtime/abi/structs.def"

/// How many arguments a function of the ABI takes; of those that compiled code makes or calls by a
/// type that it writes itself, each is a pointer.
template <typename... Arguments> constexpr unsigned arity(void (*)(Arguments...)) {
  static_assert((std::is_pointer_v<Arguments> && ...), "an argument that is no pointer");
  return sizeof...(Arguments);
}

/// What of a struct's type a machine lays out in another way than the description says; mostly
/// empty. The context has the LLVM dialect.
std::string wrongLayout(const AbiStruct &description, llvm::DataLayout machine,
                        mlir::MLIRContext *context);

/// The same of the first of all structs that has something.
std::string wrongAbiLayout(const llvm::DataLayout &machine, mlir::MLIRContext *context);

/// Makes a struct of the values of its fields, in their order. None may be null.
mlir::Value buildStruct(mlir::OpBuilder &builder, mlir::Location loc, const AbiStruct &description,
                        llvm::ArrayRef<mlir::Value> fields);

/// The value of a struct: every field is set once, in any order, and then `build` makes it.
template <typename Field> class AbiValue {
public:
  AbiValue() : fields(abiStruct<Field>().fields.size()) {}

  AbiValue &set(Field field, mlir::Value value) {
    mlir::Value &place = fields[static_cast<size_t>(field)];
    if (place)
      llvm::report_fatal_error("a field of " + abiStruct<Field>().name + " is set twice");
    place = value;
    return *this;
  }
  mlir::Value build(mlir::OpBuilder &builder, mlir::Location loc) const {
    return buildStruct(builder, loc, abiStruct<Field>(), fields);
  }

private:
  llvm::SmallVector<mlir::Value> fields;
};

} // namespace advx::codegen

#endif
