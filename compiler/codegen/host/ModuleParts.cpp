#include "compiler/codegen/host/ModuleParts.h"

#include "compiler/codegen/kernels/Kernels.h"

using namespace mlir;

namespace advx::codegen {

ModuleParts::ModuleParts(ModuleOp module) : module(module), top(module.getContext()) {
  MLIRContext *context = module.getContext();
  top.setInsertionPointToStart(module.getBody());
  pointerType = LLVM::LLVMPointerType::get(context);
  voidType = LLVM::LLVMVoidType::get(context);
  Type i64 = top.getI64Type();
  Type i32 = top.getI32Type();
  // The fields of AdvxTensor in their order.
  tensorType = LLVM::LLVMStructType::getLiteral(
      context, {pointerType, i64, pointerType, i32, i32, i32, i32});
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
  std::string key = "i";
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

LLVM::GlobalOp ModuleParts::string(llvm::StringRef name, llvm::StringRef text) {
  std::string terminated = text.str() + '\0';
  auto type = LLVM::LLVMArrayType::get(top.getI8Type(), terminated.size());
  return top.create<LLVM::GlobalOp>(module.getLoc(), type, /*isConstant=*/true,
                                    LLVM::Linkage::Internal, name, top.getStringAttr(terminated));
}

LLVM::LLVMFuncOp ModuleParts::runtimeFunction(llvm::StringRef name, Location loc) {
  if (auto known = find<LLVM::LLVMFuncOp>(name))
    return known;
  auto type = LLVM::LLVMFunctionType::get(
      voidType, {pointerType, pointerType, pointerType, pointerType, pointerType});
  return added(name, top.create<LLVM::LLVMFuncOp>(module.getLoc(), name, type));
}

LLVM::LLVMFuncOp ModuleParts::launchFunction() {
  constexpr llvm::StringLiteral name = "advx_launch_kernel";
  if (auto known = find<LLVM::LLVMFuncOp>(name))
    return known;
  auto type =
      LLVM::LLVMFunctionType::get(voidType, {pointerType, pointerType, pointerType, pointerType});
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
  Type i32 = top.getI32Type();
  Type i64 = top.getI64Type();
  // The fields of AdvxKernel in their order.
  auto type = LLVM::LLVMStructType::getLiteral(
      module.getContext(), {pointerType, i32, i32, i64, i64, i64, i64, pointerType, pointerType});
  auto global =
      added(table, top.create<LLVM::GlobalOp>(loc, type, /*isConstant=*/true,
                                              LLVM::Linkage::Internal, table, Attribute()));
  OpBuilder inside(module.getContext());
  inside.setInsertionPointToStart(inside.createBlock(&global.getInitializerRegion()));
  auto integer = [&](Type type, int64_t value) -> Value {
    return inside.create<LLVM::ConstantOp>(loc, type, inside.getIntegerAttr(type, value));
  };
  Value fields[] = {inside.create<LLVM::AddressOfOp>(loc, text),
                    integer(i32, info.batched),
                    integer(i32, info.grain),
                    integer(i64, info.tiles),
                    integer(i64, info.partialBytes),
                    integer(i64, info.bytes.perExample),
                    integer(i64, info.bytes.once),
                    inside.create<LLVM::AddressOfOp>(loc, run),
                    finish ? inside.create<LLVM::AddressOfOp>(loc, finish).getResult()
                           : inside.create<LLVM::ZeroOp>(loc, pointerType).getResult()};
  Value value = inside.create<LLVM::UndefOp>(loc, type);
  for (auto [i, field] : llvm::enumerate(fields))
    value = inside.create<LLVM::InsertValueOp>(loc, value, field, static_cast<int64_t>(i));
  inside.create<LLVM::ReturnOp>(loc, value);
  return builder.create<LLVM::AddressOfOp>(loc, global);
}

LLVM::LLVMFuncOp ModuleParts::helper(llvm::StringRef name, llvm::ArrayRef<Type> arguments) {
  auto type = LLVM::LLVMFunctionType::get(voidType, arguments);
  return top.create<LLVM::LLVMFuncOp>(module.getLoc(), name, type, LLVM::Linkage::Internal);
}

} // namespace advx::codegen
