#include "compiler/codegen/host/ProgramTable.h"

#include "runtime/abi/advx_abi.h"

using namespace mlir;

namespace advx::codegen {
namespace {

/// Defines a constant whose value is an aggregate of addresses and integers.
void defineConstant(ModuleOp module, llvm::StringRef name, Type type, LLVM::Linkage linkage,
                    llvm::function_ref<Value(OpBuilder &)> value) {
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto global = builder.create<LLVM::GlobalOp>(module.getLoc(), type, /*isConstant=*/true, linkage,
                                               name, Attribute());
  builder.setInsertionPointToStart(builder.createBlock(&global.getInitializerRegion()));
  builder.create<LLVM::ReturnOp>(module.getLoc(), value(builder));
}

} // namespace

void buildProgramTable(ModuleOp module, ModuleParts &parts, llvm::StringRef manifest,
                       llvm::ArrayRef<NamedStep> steps, LLVM::LLVMFuncOp fillUniforms) {
  MLIRContext *context = module.getContext();
  Location loc = module.getLoc();
  Type i32 = IntegerType::get(context, 32);
  Type i64 = IntegerType::get(context, 64);
  Type pointer = parts.pointer();

  llvm::SmallVector<LLVM::GlobalOp> names;
  for (auto [i, step] : llvm::enumerate(steps))
    names.push_back(parts.string(("advx_step_name_" + llvm::Twine(i)).str(), step.first));
  LLVM::GlobalOp text = parts.string("advx_manifest", manifest);

  auto stepType = LLVM::LLVMStructType::getLiteral(context, {pointer, pointer});
  auto stepsType = LLVM::LLVMArrayType::get(stepType, steps.size());
  defineConstant(module, "advx_steps", stepsType, LLVM::Linkage::Internal, [&](OpBuilder &builder) {
    Value table = builder.create<LLVM::UndefOp>(loc, stepsType);
    for (int64_t i = 0; i < static_cast<int64_t>(steps.size()); ++i) {
      Value name = builder.create<LLVM::AddressOfOp>(loc, names[i]);
      Value function = builder.create<LLVM::AddressOfOp>(loc, LLVM::LLVMFuncOp(steps[i].second));
      table = builder.create<LLVM::InsertValueOp>(loc, table, name, llvm::ArrayRef<int64_t>{i, 0});
      table =
          builder.create<LLVM::InsertValueOp>(loc, table, function, llvm::ArrayRef<int64_t>{i, 1});
    }
    return table;
  });

  // The fields of AdvxProgram in their order.
  auto programType =
      LLVM::LLVMStructType::getLiteral(context, {i32, i32, pointer, i64, pointer, pointer});
  defineConstant(
      module, "advx_program", programType, LLVM::Linkage::External, [&](OpBuilder &builder) {
        auto stepTable = module.lookupSymbol<LLVM::GlobalOp>("advx_steps");
        auto integer = [&](Type type, int64_t value) -> Value {
          return builder.create<LLVM::ConstantOp>(loc, type, builder.getIntegerAttr(type, value));
        };
        Value fields[] = {integer(i32, ADVX_ABI_VERSION),
                          integer(i32, steps.size()),
                          builder.create<LLVM::AddressOfOp>(loc, text),
                          integer(i64, manifest.size()),
                          builder.create<LLVM::AddressOfOp>(loc, stepTable),
                          builder.create<LLVM::AddressOfOp>(loc, fillUniforms)};
        Value program = builder.create<LLVM::UndefOp>(loc, programType);
        for (auto [i, field] : llvm::enumerate(fields))
          program =
              builder.create<LLVM::InsertValueOp>(loc, program, field, static_cast<int64_t>(i));
        return program;
      });
}

} // namespace advx::codegen
