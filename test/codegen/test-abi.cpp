// The structs that compiled code shares with the runtime lie in LLVM's memory as in that of the
// C++ compiler, and a machine that lays them out otherwise is named with the field.

#include "compiler/codegen/host/AbiTypes.h"

#include "mlir/IR/MLIRContext.h"
#include <cstdio>
#include <string>
#include <vector>

using namespace advx::codegen;

namespace {

int passed = 0;
int failed = 0;

void same(const char *what, const std::string &got, const std::string &wanted) {
  (got == wanted ? passed : failed)++;
  if (got != wanted)
    std::printf("%s\n  got    '%s'\n  wanted '%s'\n", what, got.c_str(), wanted.c_str());
}

} // namespace

int main() {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<mlir::LLVM::LLVMDialect>();
  llvm::DataLayout x86("e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64"
                       "-S128");
  same("x86-64", wrongAbiLayout(x86, &context), "");
  same("pointers of 32 bits", wrongAbiLayout(llvm::DataLayout("e-p:32:32-i64:64"), &context),
       "AdvxTensor::rank is at byte 20, not 24");

  const AbiStruct &tensor = abiStruct<AdvxTensorField>();
  same("a field's name", tensor.fields[size_t(AdvxTensorField::rank)].name.str(), "rank");
  std::vector<AbiStruct::Field> fields(tensor.fields.begin(), tensor.fields.end());
  fields.pop_back();
  fields.pop_back(); // the last alone would be padding
  same("fields too few", wrongLayout({"Short", tensor.bytes, fields}, x86, &context),
       "Short has bytes: 32, not 40");
  fields[0].offset = 1;
  same("a field elsewhere", wrongLayout({"Moved", tensor.bytes, fields}, x86, &context),
       "Moved::data is at byte 0, not 1");
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
