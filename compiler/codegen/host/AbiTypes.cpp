#include "compiler/codegen/host/AbiTypes.h"

#include "mlir/Target/LLVMIR/TypeToLLVM.h"
#include "llvm/IR/DerivedTypes.h"
#include <type_traits>

using namespace mlir;

namespace advx::codegen {

// clang-format off
#define ADVX_STRUCT(structName, size)                                                              \
  template <> const AbiStruct &abiStruct<structName##Field>() {                                    \
    using Struct = structName;                                                                     \
    constexpr llvm::StringLiteral name = #structName;                                              \
    constexpr uint64_t bytes = size;                                                               \
    static constexpr AbiStruct::Field fields[] = {
#define ADVX_FIELD(structName, type, field, offset)                                                \
  {#field, offset, sizeof(Struct::field), std::is_pointer_v<type>},
#define ADVX_END(structName)                                                                       \
    };                                                                                             \
    static const AbiStruct description{name, bytes, fields};                                       \
    return description;                                                                            \
  }
// clang-format on
#include "runtime/abi/structs.def"

LLVM::LLVMStructType AbiStruct::type(MLIRContext *context) const {
  llvm::SmallVector<Type> types;
  for (const Field &field : fields)
    types.push_back(field.isPointer ? Type(LLVM::LLVMPointerType::get(context))
                                    : IntegerType::get(context, field.bytes * 8));
  return LLVM::LLVMStructType::getLiteral(context, types);
}

// `machine` is a copy, since one remembers layouts by the addresses of types, and these go.
std::string wrongLayout(const AbiStruct &description, llvm::DataLayout machine,
                        MLIRContext *context) {
  llvm::LLVMContext llvmContext;
  llvm::Type *type =
      LLVM::TypeToLLVMIRTranslator(llvmContext).translateType(description.type(context));
  const llvm::StructLayout *layout = machine.getStructLayout(llvm::cast<llvm::StructType>(type));
  auto differ = [&](const llvm::Twine &what, uint64_t found, uint64_t wanted) {
    return (description.name + what + " " + llvm::Twine(found) + ", not " + llvm::Twine(wanted))
        .str();
  };
  for (auto [i, field] : llvm::enumerate(description.fields))
    if (layout->getElementOffset(i) != field.offset)
      return differ("::" + field.name + " is at byte", layout->getElementOffset(i), field.offset);
  if (layout->getSizeInBytes() != description.bytes)
    return differ(" has bytes:", layout->getSizeInBytes(), description.bytes);
  return {};
}

std::string wrongAbiLayout(const llvm::DataLayout &machine, MLIRContext *context) {
  std::string wrong;
#define ADVX_STRUCT(name, size)                                                                    \
  if (wrong.empty())                                                                               \
    wrong = wrongLayout(abiStruct<name##Field>(), machine, context);
#define ADVX_FIELD(name, type, field, offset)
#define ADVX_END(name)
#include "runtime/abi/structs.def"
  return wrong;
}

Value buildStruct(OpBuilder &builder, Location loc, const AbiStruct &description,
                  llvm::ArrayRef<Value> fields) {
  Value result = builder.create<LLVM::UndefOp>(loc, description.type(builder.getContext()));
  for (auto [i, field] : llvm::enumerate(fields)) {
    if (!field)
      llvm::report_fatal_error("nothing sets " + description.name +
                               "::" + description.fields[i].name);
    result = builder.create<LLVM::InsertValueOp>(loc, result, field, static_cast<int64_t>(i));
  }
  return result;
}

} // namespace advx::codegen
