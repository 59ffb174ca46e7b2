#include "compiler/codegen/cpu/KernelBuilder.h"

#include "compiler/codegen/plan/Layout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

/// 512 bits of the narrowest float in the cluster, or of f64. Wider types take several vectors.
int64_t lanesOf(ClusterOp cluster) {
  constexpr int64_t vectorBytes = 64;
  Type narrowest = narrowestFloat(cluster);
  return vectorBytes / (narrowest ? elementBytes(narrowest) : 8);
}

LLVM::LLVMFuncOp makeFunction(ClusterOp cluster, llvm::StringRef name) {
  auto module = cluster->getParentOfType<ModuleOp>();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  Type word = builder.getI64Type();
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()),
                                          {word, word, pointer, word, pointer, pointer});
  auto function = builder.create<LLVM::LLVMFuncOp>(cluster.getLoc(), name, type);
  markKernel(function);
  function.addEntryBlock(builder);
  return function;
}

} // namespace

KernelBuilder::KernelBuilder(ClusterOp cluster, llvm::StringRef name)
    : cluster(cluster), builder(cluster.getContext()), entry(cluster.getContext()),
      loc(cluster.getLoc()), function(makeFunction(cluster, name)), target(lanesOf(cluster)),
      elements(builder, target), nests(elements, entry), scope(elements) {
  Block &block = function.getBody().front();
  builder.setInsertionPointToStart(&block);
  begin = block.getArgument(0);
  end = block.getArgument(1);
  batch = block.getArgument(3);
  partials = block.getArgument(5);
  elements.setBatch(batch);
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  auto slot = [&](Value array, Type type, int32_t index) -> Value {
    Value place =
        builder.create<LLVM::GEPOp>(loc, pointer, type, array, llvm::ArrayRef<LLVM::GEPArg>{index});
    return builder.create<LLVM::LoadOp>(loc, type, place, /*alignment=*/8, /*isVolatile=*/false,
                                        /*isNonTemporal=*/false, /*isInvariant=*/true);
  };
  int32_t buffer = 0;
  int32_t number = 0;
  for (unsigned i = 0; i < cluster.getNumResults(); ++i)
    buffers.push_back(slot(block.getArgument(2), pointer, buffer++));
  for (auto [i, argument] : llvm::enumerate(cluster.getBody().getArguments())) {
    if (!bufferType(argument.getType())) {
      elements.bindNumber(argument, slot(block.getArgument(4), builder.getF64Type(), number++));
      continue;
    }
    // What a result may overwrite is no constant of the launch.
    bool overwritten = false;
    for (unsigned result = 0; result < cluster.getNumResults(); ++result)
      overwritten |= cluster.mayOverwrite(result, i);
    elements.bind(argument, Place{Place::memory, slot(block.getArgument(2), pointer, buffer++),
                                  !overwritten});
  }
  auto end = builder.create<LLVM::ReturnOp>(loc, ValueRange{});
  builder.setInsertionPoint(end);
  entry.setInsertionPointToStart(&block);
}

void KernelBuilder::addResult(Value value) {
  for (auto [i, yielded] : llvm::enumerate(cluster.getYield()->getOperands()))
    if (yielded == value)
      nests.addResult(value, buffers[i]);
}

Value KernelBuilder::integer(int64_t value) {
  return builder.create<arith::ConstantOp>(loc, builder.getI64IntegerAttr(value));
}
Value KernelBuilder::add(Value a, Value b) { return builder.create<arith::AddIOp>(loc, a, b); }
Value KernelBuilder::multiply(Value a, int64_t b) {
  return builder.create<arith::MulIOp>(loc, a, integer(b));
}
Value KernelBuilder::smaller(Value a, Value b) { return builder.create<arith::MinSIOp>(loc, a, b); }
Value KernelBuilder::larger(Value a, Value b) { return builder.create<arith::MaxSIOp>(loc, a, b); }
Value KernelBuilder::shifted(Value base, Value bytes) {
  return builder.create<LLVM::GEPOp>(loc, LLVM::LLVMPointerType::get(builder.getContext()),
                                     builder.getI8Type(), base,
                                     llvm::ArrayRef<LLVM::GEPArg>{bytes});
}

void KernelBuilder::forTiles(Value from, Value to, llvm::function_ref<void(Value)> body) {
  nests.loop(loc, from ? larger(begin, from) : begin, to ? smaller(end, to) : end, 1, {},
             [&](Value tile, ValueRange) -> llvm::SmallVector<Value> {
               body(tile);
               return {};
             });
}

} // namespace advx::codegen
