#include "compiler/codegen/host/ModuleParts.h"

#include "compiler/codegen/kernels/Kernels.h"

using namespace mlir;

namespace advx::codegen {

LLVM::GlobalOp defineConstant(OpBuilder &builder, Location loc, llvm::StringRef name, Type type,
                              LLVM::Linkage linkage, llvm::function_ref<Value(OpBuilder &)> value) {
  auto global =
      builder.create<LLVM::GlobalOp>(loc, type, /*isConstant=*/true, linkage, name, Attribute());
  OpBuilder inside(builder.getContext());
  inside.setInsertionPointToStart(inside.createBlock(&global.getInitializerRegion()));
  inside.create<LLVM::ReturnOp>(loc, value(inside));
  return global;
}

Value integer(OpBuilder &builder, Location loc, unsigned bits, int64_t value) {
  Type type = builder.getIntegerType(bits);
  return builder.create<LLVM::ConstantOp>(loc, type, builder.getIntegerAttr(type, value));
}

ModuleParts::ModuleParts(ModuleOp module) : module(module), top(module.getContext()) {
  MLIRContext *context = module.getContext();
  top.setInsertionPointToStart(module.getBody());
  pointerType = LLVM::LLVMPointerType::get(context);
  voidType = LLVM::LLVMVoidType::get(context);
  for (Operation &op : *module.getBody())
    if (auto name = op.getAttrOfType<StringAttr>(SymbolTable::getSymbolAttrName()))
      symbols[name.getValue()] = &op;
}

Value ModuleParts::address(OpBuilder &builder, Location loc, llvm::StringRef prefix,
                           const std::string &key, DenseElementsAttr values) {
  LLVM::GlobalOp &global = globals[key];
  if (!global) {
    auto type = LLVM::LLVMArrayType::get(values.getElementType(), values.getNumElements());
    std::string name = (prefix + llvm::Twine(globals.size())).str();
    global = top.create<LLVM::GlobalOp>(module.getLoc(), type, /*isConstant=*/true,
                                        LLVM::Linkage::Internal, name, values);
  }
  return builder.create<LLVM::AddressOfOp>(loc, global);
}

Value ModuleParts::integers(OpBuilder &builder, Location loc, llvm::ArrayRef<int64_t> values,
                            llvm::StringRef prefix) {
  if (values.empty())
    return builder.create<LLVM::ZeroOp>(loc, pointerType);
  std::string key = prefix.str();
  key.append(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(int64_t));
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())}, builder.getI64Type());
  return address(builder, loc, prefix, key, DenseElementsAttr::get(type, values));
}

Value ModuleParts::numbers(OpBuilder &builder, Location loc, llvm::ArrayRef<double> values) {
  if (values.empty())
    return builder.create<LLVM::ZeroOp>(loc, pointerType);
  std::string key = "n";
  key.append(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(double));
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())}, builder.getF64Type());
  return address(builder, loc, "advx_numbers_", key, DenseElementsAttr::get(type, values));
}

Value ModuleParts::counts(OpBuilder &builder, Location loc, const AdvxCounts &counts) {
  const int32_t lengths[] = {counts.tensors, counts.attributes, counts.numbers, counts.counters};
  LLVM::GlobalOp &global =
      globals["c" + std::string(reinterpret_cast<const char *>(lengths), sizeof lengths)];
  if (!global)
    global = defineConstant(
        top, module.getLoc(), ("advx_counts_" + llvm::Twine(globals.size())).str(),
        abiStruct<AdvxCountsField>().type(top.getContext()), LLVM::Linkage::Internal,
        [&](OpBuilder &inside) {
          auto length = [&](int32_t value) { return integer(inside, module.getLoc(), 32, value); };
          return AbiValue<AdvxCountsField>()
              .set(AdvxCountsField::tensors, length(counts.tensors))
              .set(AdvxCountsField::attributes, length(counts.attributes))
              .set(AdvxCountsField::numbers, length(counts.numbers))
              .set(AdvxCountsField::counters, length(counts.counters))
              .build(inside, module.getLoc());
        });
  return builder.create<LLVM::AddressOfOp>(loc, global);
}

LLVM::GlobalOp ModuleParts::string(llvm::StringRef name, llvm::StringRef text) {
  std::string terminated = text.str() + '\0';
  auto type = LLVM::LLVMArrayType::get(top.getI8Type(), terminated.size());
  return top.create<LLVM::GlobalOp>(module.getLoc(), type, /*isConstant=*/true,
                                    LLVM::Linkage::Internal, name, top.getStringAttr(terminated));
}

LLVM::LLVMFuncOp ModuleParts::runtimeFunction(llvm::StringRef name, Location loc) {
  if (auto known = find<LLVM::LLVMFuncOp>(name))
    return known;
  llvm::SmallVector<Type> arguments(arity(AdvxOp()), pointerType);
  auto type = LLVM::LLVMFunctionType::get(voidType, arguments);
  return added(name, top.create<LLVM::LLVMFuncOp>(module.getLoc(), name, type));
}

LLVM::LLVMFuncOp ModuleParts::launchFunction() {
  constexpr llvm::StringLiteral name = "advx_launch_kernel";
  if (auto known = find<LLVM::LLVMFuncOp>(name))
    return known;
  llvm::SmallVector<Type> arguments(arity(decltype (&advx_launch_kernel)()), pointerType);
  auto type = LLVM::LLVMFunctionType::get(voidType, arguments);
  return added(name, top.create<LLVM::LLVMFuncOp>(module.getLoc(), name, type));
}

Value ModuleParts::kernel(OpBuilder &builder, Location loc, llvm::StringRef name) {
  std::string table = (name + ".table").str();
  if (auto known = find<LLVM::GlobalOp>(table))
    return builder.create<LLVM::AddressOfOp>(loc, known);
  auto run = find<LLVM::LLVMFuncOp>(name);
  KernelInfo info = KernelInfo::of(run);
  auto finish = find<LLVM::LLVMFuncOp>((name + kFinishSuffix).str());
  LLVM::GlobalOp text = string((name + ".name").str(), name);
  auto build = [&](OpBuilder &inside) {
    using Field = AdvxKernelField;
    auto word = [&](int64_t value) { return integer(inside, loc, 64, value); };
    auto half = [&](int64_t value) { return integer(inside, loc, 32, value); };
    auto addressOf = [&](auto symbol) -> Value {
      if (!symbol)
        return inside.create<LLVM::ZeroOp>(loc, pointerType);
      return inside.create<LLVM::AddressOfOp>(loc, symbol);
    };
    return AbiValue<Field>()
        .set(Field::name, addressOf(text))
        .set(Field::batched, half(info.batched))
        .set(Field::grain, half(info.grain))
        .set(Field::tiles, word(info.tiles))
        .set(Field::partial_bytes, word(info.partialBytes))
        .set(Field::example_bytes, word(info.bytes.perExample))
        .set(Field::once_bytes, word(info.bytes.once))
        .set(Field::buffers, half(info.buffers))
        .set(Field::numbers, half(info.numbers))
        .set(Field::run, addressOf(run))
        .set(Field::finish, addressOf(finish))
        .build(inside, loc);
  };
  LLVM::GlobalOp global = added(
      table, defineConstant(top, loc, table, abiStruct<AdvxKernelField>().type(top.getContext()),
                            LLVM::Linkage::Internal, build));
  return builder.create<LLVM::AddressOfOp>(loc, global);
}

LLVM::LLVMFuncOp ModuleParts::helper(llvm::StringRef name, llvm::ArrayRef<Type> arguments) {
  auto type = LLVM::LLVMFunctionType::get(voidType, arguments);
  return top.create<LLVM::LLVMFuncOp>(module.getLoc(), name, type, LLVM::Linkage::Internal);
}

} // namespace advx::codegen
