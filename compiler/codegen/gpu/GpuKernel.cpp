#include "compiler/codegen/gpu/GpuKernel.h"

#include "compiler/codegen/plan/Layout.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

constexpr unsigned kGlobalSpace = 1, kSharedSpace = 3;

bool hasBatch(ClusterOp cluster) {
  auto batched = [](Type type) { return isa<ShapedType>(type) && isBatched(type); };
  bool found = llvm::any_of(cluster.getBody().getArgumentTypes(), batched) ||
               llvm::any_of(cluster.getOutputs().getTypes(), batched);
  cluster.getBody().walk([&](BatchSizeOp) { found = true; });
  return found;
}

} // namespace

GpuKernel::GpuKernel(ClusterOp cluster, gpu::GPUModuleOp module, llvm::StringRef name,
                     bool hasPartials)
    : cluster(cluster), builder(OpBuilder::atBlockEnd(module.getBody())), loc(cluster.getLoc()),
      module(module) {
  if (module.getBody()->mightHaveTerminator())
    builder.setInsertionPoint(module.getBody()->getTerminator());
  Type word = builder.getI64Type();
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext(), kGlobalSpace);
  llvm::SmallVector<Type> types(cluster.getNumResults(), pointer);
  for (Type type : cluster.getBody().getArgumentTypes())
    types.push_back(bufferType(type) ? pointer : builder.getF64Type());
  if (hasBatch(cluster))
    types.push_back(word);
  if (hasPartials)
    types.push_back(pointer);
  function = builder.create<gpu::GPUFuncOp>(loc, name, builder.getFunctionType(types, {}));
  function->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), builder.getUnitAttr());
  Block &body = function.getBody().front();
  unsigned used = cluster.getNumResults() + cluster.getBody().getNumArguments();
  for (BlockArgument argument : body.getArguments().take_front(cluster.getNumResults()))
    buffers.push_back(argument);
  if (hasBatch(cluster))
    batch = body.getArgument(used++);
  if (hasPartials)
    partials = body.getArgument(used++);

  builder.setInsertionPointToEnd(&body);
  auto end = builder.create<gpu::ReturnOp>(loc);
  builder.setInsertionPoint(end);
  auto asWord = [&](Value index) -> Value {
    return builder.create<arith::IndexCastOp>(loc, word, index);
  };
  // Constants that finish() settles.
  auto later = [&] { return builder.create<arith::ConstantOp>(loc, builder.getI64IntegerAttr(0)); };
  threadId = asWord(builder.create<gpu::ThreadIdOp>(loc, gpu::Dimension::x));
  blockId = asWord(builder.create<gpu::BlockIdOp>(loc, gpu::Dimension::x));
  gridSize = asWord(builder.create<gpu::GridDimOp>(loc, gpu::Dimension::x));
  threadCount = later();
  warpCount = later();
  warpBytesConstant = later();
  warpsBeginConstant = later();
  warpId = builder.create<arith::DivUIOp>(loc, threadId, integer(kWarpThreads));
  laneId = builder.create<arith::RemUIOp>(loc, threadId, integer(kWarpThreads));
}

void GpuKernel::bindOperands(ElementEmitter &elements) {
  elements.setBatch(batch);
  for (auto [i, argument] : llvm::enumerate(cluster.getBody().getArguments())) {
    Value passed = function.getArgument(cluster.getNumResults() + i);
    if (!bufferType(argument.getType())) {
      elements.bindNumber(argument, passed);
      continue;
    }
    // What a result may overwrite is no constant of the launch.
    bool overwritten = false;
    for (unsigned result = 0; result < cluster.getNumResults(); ++result)
      overwritten |= cluster.mayOverwrite(result, i);
    elements.bind(argument, Place{Place::memory, passed, !overwritten});
  }
}

llvm::SmallVector<Value> GpuKernel::buffersOf(Value value) {
  llvm::SmallVector<Value> found;
  for (auto [i, yielded] : llvm::enumerate(cluster.getYield()->getOperands()))
    if (yielded == value)
      found.push_back(buffers[i]);
  return found;
}

Value GpuKernel::integer(int64_t value) {
  return builder.create<arith::ConstantOp>(loc, builder.getI64IntegerAttr(value));
}
Value GpuKernel::add(Value a, Value b) { return builder.create<arith::AddIOp>(loc, a, b); }
Value GpuKernel::multiply(Value a, Value b) { return builder.create<arith::MulIOp>(loc, a, b); }
Value GpuKernel::smaller(Value a, Value b) { return builder.create<arith::MinSIOp>(loc, a, b); }
Value GpuKernel::less(Value a, Value b) {
  return builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::slt, a, b);
}
Value GpuKernel::shifted(Value base, Value bytes) {
  return builder.create<LLVM::GEPOp>(loc, base.getType(), builder.getI8Type(), base,
                                     llvm::ArrayRef<LLVM::GEPArg>{bytes});
}

void GpuKernel::declareShared() {
  if (sharedBase)
    return;
  OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
  sharedMemory = top.create<LLVM::GlobalOp>(loc, LLVM::LLVMArrayType::get(builder.getI8Type(), 0),
                                            /*isConstant=*/false, LLVM::Linkage::Internal,
                                            (function.getName() + "_shared").str(), Attribute(),
                                            /*alignment=*/16, kSharedSpace);
  OpBuilder entry(builder);
  entry.setInsertionPointAfterValue(laneId);
  sharedBase = entry.create<LLVM::AddressOfOp>(loc, sharedMemory);
  Value offset = entry.create<arith::AddIOp>(
      loc, entry.create<arith::MulIOp>(loc, warpId, warpBytesConstant), warpsBeginConstant);
  warpBase = entry.create<LLVM::GEPOp>(loc, sharedBase.getType(), builder.getI8Type(), sharedBase,
                                       llvm::ArrayRef<LLVM::GEPArg>{offset});
}

// Places are made at the start, so that loops one after the other can use the same.
Value GpuKernel::share(const Value &base, int64_t &used, int64_t bytes) {
  declareShared(); // gives `base` its value
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfterValue(warpBase);
  Value place = shifted(base, integer(used));
  used += roundUp(bytes, 16);
  return place;
}

Value GpuKernel::shareInBlock(int64_t bytes) { return share(sharedBase, blockBytes, bytes); }

Value GpuKernel::shareInWarp(int64_t bytes) { return share(warpBase, warpBytes, bytes); }

Value GpuKernel::sharedOfWarp(Value mine, Value other) {
  Value distance = builder.create<arith::SubIOp>(loc, other, warpId);
  return shifted(mine, multiply(distance, warpBytesConstant));
}

void GpuKernel::ifThen(Value condition, llvm::function_ref<void()> body) {
  auto created = builder.create<scf::IfOp>(loc, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(created.thenYield());
  body();
}

llvm::SmallVector<Value>
GpuKernel::loop(Value begin, Value end, Value step, ValueRange carried,
                llvm::function_ref<llvm::SmallVector<Value>(Value, ValueRange)> body) {
  auto created = builder.create<scf::ForOp>(loc, begin, end, step, carried);
  OpBuilder::InsertionGuard guard(builder);
  // Without anything carried the loop comes with its terminator.
  if (carried.empty())
    created.getBody()->getTerminator()->erase();
  builder.setInsertionPointToEnd(created.getBody());
  auto next = body(created.getInductionVar(), created.getRegionIterArgs());
  builder.create<scf::YieldOp>(loc, next);
  return llvm::SmallVector<Value>(created.getResults());
}

void GpuKernel::syncBlock() { builder.create<NVVM::Barrier0Op>(loc); }

void GpuKernel::syncWarp() {
  builder.create<NVVM::SyncWarpOp>(
      loc, builder.create<arith::ConstantOp>(loc, builder.getI32IntegerAttr(-1)));
}

LogicalResult GpuKernel::finish(int64_t rowsPerWarp, bool oneBlock, int64_t partialBytes) {
  int64_t warps = kBlockWarps;
  while (warps > 1 && blockBytes + warps * warpBytes > kSharedBytes)
    warps /= 2;
  int64_t bytes = blockBytes + warps * warpBytes;
  if (bytes > kSharedBytes)
    return cluster.emitError("one example needs ")
           << bytes << " bytes of shared memory in its GPU kernel, more than the " << kSharedBytes
           << " that every device has";
  auto settle = [&](arith::ConstantOp constant, int64_t value) {
    constant.setValueAttr(builder.getI64IntegerAttr(value));
  };
  settle(threadCount, warps * kWarpThreads);
  settle(warpCount, warps);
  settle(warpBytesConstant, warpBytes);
  settle(warpsBeginConstant, blockBytes);
  if (sharedMemory)
    sharedMemory.setGlobalType(LLVM::LLVMArrayType::get(builder.getI8Type(), bytes));
  int32_t threads = static_cast<int32_t>(warps * kWarpThreads);
  function.setKnownBlockSizeAttr(builder.getDenseI32ArrayAttr({threads, 1, 1}));
  // One block a multiprocessor is enough: the assembler must not spill for the sake of more.
  function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(), builder.getI32IntegerAttr(1));
  auto number = [&](int64_t value) { return builder.getI64IntegerAttr(value); };
  function->setAttr(
      "advx.launch",
      builder.getDictionaryAttr({builder.getNamedAttr("one_block", builder.getBoolAttr(oneBlock)),
                                 builder.getNamedAttr("partial_bytes", number(partialBytes)),
                                 builder.getNamedAttr("rows", number(rowsPerWarp * warps)),
                                 builder.getNamedAttr("threads", number(threads))}));
  return success();
}

} // namespace advx::codegen
