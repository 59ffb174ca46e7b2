#include "compiler/codegen/host/ProgramTable.h"

using namespace mlir;

namespace advx::codegen {

void buildProgramTable(ModuleOp module, ModuleParts &parts, llvm::StringRef manifest,
                       llvm::ArrayRef<NamedStep> steps, const UniformFunction &uniforms) {
  MLIRContext *context = module.getContext();
  Location loc = module.getLoc();
  llvm::SmallVector<LLVM::GlobalOp> names;
  for (auto [i, step] : llvm::enumerate(steps))
    names.push_back(parts.string(("advx_step_name_" + llvm::Twine(i)).str(), step.first));
  LLVM::GlobalOp text = parts.string("advx_manifest", manifest);

  OpBuilder end = OpBuilder::atBlockEnd(module.getBody());
  auto stepsType = LLVM::LLVMArrayType::get(abiStruct<AdvxStepField>().type(context), steps.size());
  LLVM::GlobalOp table = defineConstant(
      end, loc, "advx_steps", stepsType, LLVM::Linkage::Internal, [&](OpBuilder &builder) {
        Value entries = builder.create<LLVM::UndefOp>(loc, stepsType);
        for (int64_t i = 0; i < static_cast<int64_t>(steps.size()); ++i) {
          Value name = builder.create<LLVM::AddressOfOp>(loc, names[i]);
          Value run = builder.create<LLVM::AddressOfOp>(loc, LLVM::LLVMFuncOp(steps[i].second));
          Value entry = AbiValue<AdvxStepField>()
                            .set(AdvxStepField::name, name)
                            .set(AdvxStepField::run, run)
                            .build(builder, loc);
          entries = builder.create<LLVM::InsertValueOp>(loc, entries, entry, i);
        }
        return entries;
      });

  defineConstant(end, loc, "advx_program", abiStruct<AdvxProgramField>().type(context),
                 LLVM::Linkage::External, [&](OpBuilder &builder) {
                   using Field = AdvxProgramField;
                   auto half = [&](int64_t value) { return integer(builder, loc, 32, value); };
                   auto addressOf = [&](auto symbol) -> Value {
                     return builder.create<LLVM::AddressOfOp>(loc, symbol);
                   };
                   return AbiValue<Field>()
                       .set(Field::abi_version, half(ADVX_ABI_VERSION))
                       .set(Field::step_count, half(steps.size()))
                       .set(Field::setting_count, half(uniforms.settings))
                       .set(Field::uniform_count, half(uniforms.uniforms))
                       .set(Field::manifest, addressOf(text))
                       .set(Field::manifest_size, integer(builder, loc, 64, manifest.size()))
                       .set(Field::steps, addressOf(table))
                       .set(Field::fill_uniforms, addressOf(uniforms.function))
                       .build(builder, loc);
                 });
}

} // namespace advx::codegen
