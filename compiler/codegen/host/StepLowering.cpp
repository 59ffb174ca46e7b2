#include "compiler/codegen/host/StepLowering.h"

#include "compiler/codegen/host/StepBody.h"
#include "compiler/codegen/kernels/Kernels.h"
#include "compiler/codegen/plan/Buffers.h"
#include "compiler/codegen/plan/Layout.h"
#include "compiler/codegen/plan/Plan.h"
#include "runtime/abi/OpForms.h"

using namespace mlir;

namespace advx::codegen {

FailureOr<LLVM::LLVMFuncOp> StepLowering::run() {
  Location loc = step.getLoc();
  builder.setInsertionPoint(step);
  llvm::SmallVector<Type> arguments(arity(AdvxStepFunction()), parts.pointer());
  auto type = LLVM::LLVMFunctionType::get(parts.nothing(), arguments);
  std::string name = ("step." + step.getSymName()).str();
  auto function = builder.create<LLVM::LLVMFuncOp>(loc, name, type, LLVM::Linkage::Internal);
  Block *entry = function.addEntryBlock(builder);
  context = entry->getArgument(0);
  arenas.state = entry->getArgument(1);
  arenas.batch = entry->getArgument(2);
  uniforms = entry->getArgument(3);
  builder.setInsertionPointToStart(entry);
  reserveCallArrays(loc);
  readContext(loc);

  for (auto [i, argument] : llvm::enumerate(step.getArguments())) {
    auto offset = step.getArgAttrOfType<IntegerAttr>(i, kOffsetAttr);
    if (!offset)
      return step.emitError("argument ") << i << " is not planned; run advx-plan first";
    offsets[argument] = offset.getInt();
  }
  if (failed(lowerBlock(step.front())))
    return failure();
  return function;
}

/// The arrays of a call are filled anew for each, so one of each kind is enough.
void StepLowering::reserveCallArrays(Location loc) {
  int64_t tensors = 2;
  int64_t numbers = 1;
  int64_t counters = 1;
  int64_t buffers = 1;
  step.walk([&](mlir::advx::ClusterOp cluster) {
    int64_t f64s = llvm::count_if(cluster.getInputs().getTypes(), [](Type t) { return t.isF64(); });
    numbers = std::max(numbers, f64s);
    buffers = std::max<int64_t>(buffers, cluster->getNumResults() + cluster->getNumOperands());
  });
  step.walk([&](mlir::advx::RuntimeOpInterface op) {
    int64_t f64s = 0;
    int64_t indices = 0;
    for (Type type : op->getOperandTypes()) {
      f64s += type.isF64();
      indices += type.isIndex();
    }
    llvm::SmallVector<double> constants;
    op.runtimeNumbers(constants);
    tensors = std::max<int64_t>(tensors, op->getNumResults() + op->getNumOperands());
    numbers = std::max<int64_t>(numbers, f64s ? constants.size() + f64s : 0);
    counters = std::max(counters, indices);
  });
  auto reserve = [&](Type type, int64_t count) -> Value {
    return builder.create<LLVM::AllocaOp>(loc, parts.pointer(), type,
                                          integer(builder, loc, 64, count));
  };
  tensorArray = reserve(abiStruct<AdvxTensorField>().type(builder.getContext()), tensors);
  numberArray = reserve(builder.getF64Type(), numbers);
  counterArray = reserve(builder.getI64Type(), counters);
  bufferArray = reserve(parts.pointer(), buffers);
}

void StepLowering::readContext(Location loc) {
  Value place = builder.create<LLVM::GEPOp>(
      loc, parts.pointer(), abiStruct<AdvxContextField>().type(builder.getContext()), context,
      llvm::ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(AdvxContextField::batch)});
  arenas.examples = builder.create<LLVM::LoadOp>(loc, builder.getI64Type(), place);
  auto word = [&](int64_t value) { return integer(builder, loc, 64, value); };
  Value up = builder.create<LLVM::AddOp>(loc, arenas.examples, word(ADVX_BATCH_PADDING - 1));
  arenas.padded = builder.create<LLVM::AndOp>(loc, up, word(-int64_t{ADVX_BATCH_PADDING}));
}

LogicalResult StepLowering::call(Location loc, llvm::StringRef name, int32_t tensors,
                                 llvm::ArrayRef<int64_t> attributes, Array numbers,
                                 Array counters) {
  AdvxCounts counts{tensors, static_cast<int32_t>(attributes.size()), numbers.length,
                    counters.length};
  const abi::OpForm *form = abi::findForm({name.data(), name.size()});
  if (!form)
    return emitError(loc) << "internal: the runtime has no function " << name;
  if (std::string wrong = abi::wrongCount(*form, counts); !wrong.empty())
    return emitError(loc) << "internal: the call of " << name << " " << wrong;
  auto orNull = [&](Value address) -> Value {
    return address ? address : builder.create<LLVM::ZeroOp>(loc, parts.pointer()).getResult();
  };
  Value arguments[] = {context,
                       tensorArray,
                       parts.integers(builder, loc, attributes),
                       orNull(numbers.address),
                       orNull(counters.address),
                       parts.counts(builder, loc, counts)};
  builder.create<LLVM::CallOp>(loc, parts.runtimeFunction(name, loc), arguments);
  return success();
}

LogicalResult StepLowering::copy(Location loc, RankedTensorType type, int64_t to, int64_t from) {
  if (to == from)
    return success();
  arrays.fill(builder, loc, CallArrays::Kind::Descriptors, tensorArray, {{type, to}, {type, from}},
              arenas);
  return call(loc, "advx_op_copy", 2, {}, {}, {});
}

void StepLowering::notePlaces(Operation *op) {
  auto places = op->getAttrOfType<DenseI64ArrayAttr>(kOffsetsAttr);
  if (!places)
    return;
  for (auto [result, offset] : llvm::zip(op->getResults(), places.asArrayRef()))
    offsets[result] = offset;
}

LogicalResult StepLowering::lowerBlock(Block &block) {
  for (Operation &op : block)
    if (failed(lowerOp(&op)))
      return failure();
  return success();
}

LogicalResult StepLowering::lowerOp(Operation *op) {
  notePlaces(op);
  for (Value result : op->getResults())
    if (isa<ShapedType>(result.getType()) && !offsets.count(result))
      return op->emitError("internal: the plan gives its result no place");
  if (isAlias(op) || isa<scf::YieldOp>(op))
    return success();
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return lowerLoop(loop);
  if (auto end = dyn_cast<mlir::advx::EndLoopOp>(op)) {
    ended[op->getParentOp()] = allTrue(end);
    return success();
  }
  if (auto end = dyn_cast<func::ReturnOp>(op))
    return lowerReturn(end);
  if (auto uniform = dyn_cast<mlir::advx::UniformOp>(op)) {
    Type f64 = builder.getF64Type();
    Value place = element(op->getLoc(), f64, uniforms, uniform.getSlot());
    numbersOf.map(uniform.getResult(), builder.create<LLVM::LoadOp>(op->getLoc(), f64, place));
    return success();
  }
  if (isa<mlir::advx::BatchSizeOp>(op)) {
    Value count =
        builder.create<LLVM::SIToFPOp>(op->getLoc(), builder.getF64Type(), arenas.examples);
    numbersOf.map(op->getResult(0), count);
    return success();
  }
  if (auto cluster = dyn_cast<mlir::advx::ClusterOp>(op))
    return lowerCluster(cluster);
  if (auto runtimeOp = dyn_cast<mlir::advx::RuntimeOpInterface>(op))
    return lowerRuntimeOp(runtimeOp);

  auto isTensor = [](Type type) { return isa<ShapedType>(type); };
  if (llvm::any_of(op->getResultTypes(), isTensor) ||
      llvm::any_of(op->getOperandTypes(), isTensor) || op->getNumRegions())
    return op->emitError("internal: has no runtime call, so an earlier stage must replace it");
  builder.clone(*op, numbersOf);
  return success();
}

LogicalResult StepLowering::lowerCluster(mlir::advx::ClusterOp cluster) {
  Location loc = cluster.getLoc();
  auto kernel = cluster->getAttrOfType<FlatSymbolRefAttr>(kKernelAttr);
  if (!kernel)
    return cluster.emitError("internal: has no kernel; run advx-kernels first");
  llvm::SmallVector<Place> places;
  int32_t number = 0;
  for (Value result : cluster.getOutputs())
    places.push_back({cast<RankedTensorType>(result.getType()), offsets.lookup(result)});
  for (Value operand : cluster.getInputs()) {
    if (auto type = bufferType(operand.getType()))
      places.push_back({type, offsets.lookup(operand)});
    else
      builder.create<LLVM::StoreOp>(loc, numbersOf.lookup(operand),
                                    element(loc, builder.getF64Type(), numberArray, number++));
  }
  arrays.fill(builder, loc, CallArrays::Kind::Addresses, bufferArray, places, arenas);
  AdvxCounts counts{static_cast<int32_t>(places.size()), 0, number, 0};
  Value arguments[] = {context, parts.kernel(builder, loc, kernel.getValue()), bufferArray,
                       numberArray, parts.counts(builder, loc, counts)};
  builder.create<LLVM::CallOp>(loc, parts.launchFunction(), arguments);
  return success();
}

LogicalResult StepLowering::lowerRuntimeOp(mlir::advx::RuntimeOpInterface op) {
  Location loc = op->getLoc();
  llvm::SmallVector<Place> places;
  for (Value result : op->getResults())
    places.push_back({cast<RankedTensorType>(result.getType()), offsets.lookup(result)});
  llvm::SmallVector<Value> numbers;
  llvm::SmallVector<Value> counters;
  for (Value operand : op->getOperands()) {
    if (auto type = bufferType(operand.getType()))
      places.push_back({type, offsets.lookup(operand)});
    else if (operand.getType().isF64())
      numbers.push_back(numbersOf.lookup(operand));
    else if (operand.getType().isIndex())
      counters.push_back(numbersOf.lookup(operand));
    else
      return op->emitError("internal: an operand is neither tensor, f64 nor index");
  }
  arrays.fill(builder, loc, CallArrays::Kind::Descriptors, tensorArray, places, arenas);

  llvm::SmallVector<int64_t> attributes;
  op.runtimeAttributes(attributes);
  llvm::SmallVector<double> constants;
  op.runtimeNumbers(constants);

  Type f64 = builder.getF64Type();
  Type i64 = builder.getI64Type();
  Array numberList{nullptr, static_cast<int32_t>(constants.size() + numbers.size())};
  if (numbers.empty()) {
    numberList.address = parts.numbers(builder, loc, constants);
  } else {
    numberList.address = numberArray;
    llvm::SmallVector<Value> all;
    for (double constant : constants)
      all.push_back(builder.create<LLVM::ConstantOp>(loc, builder.getF64FloatAttr(constant)));
    all.append(numbers);
    for (auto [i, number] : llvm::enumerate(all))
      builder.create<LLVM::StoreOp>(loc, number, element(loc, f64, numberArray, i));
  }
  for (auto [i, counter] : llvm::enumerate(counters)) {
    builder.create<LLVM::StoreOp>(loc, asWord(loc, counter), element(loc, i64, counterArray, i));
  }
  Array counterList{counters.empty() ? Value() : counterArray,
                    static_cast<int32_t>(counters.size())};
  return call(loc, op.runtimeName(), static_cast<int32_t>(places.size()), attributes, numberList,
              counterList);
}

LogicalResult StepLowering::lowerReturn(func::ReturnOp op) {
  for (auto [i, value] : llvm::enumerate(op.getOperands())) {
    if (!step.getResultAttr(i, kStateAttr))
      continue;
    int64_t leaf = step.getResultAttrOfType<IntegerAttr>(i, kOffsetAttr).getInt();
    auto type = cast<RankedTensorType>(value.getType());
    if (failed(copy(op.getLoc(), type, leaf, offsets.lookup(value))))
      return failure();
  }
  builder.create<LLVM::ReturnOp>(op.getLoc(), ValueRange{});
  return success();
}

FailureOr<LLVM::LLVMFuncOp> lowerStep(func::FuncOp step, ModuleParts &parts, CallArrays &arrays) {
  return StepLowering(step, parts, arrays).run();
}

UniformFunction lowerUniforms(ModuleOp module, func::FuncOp uniforms, ModuleParts &parts) {
  Location loc = uniforms ? uniforms.getLoc() : module.getLoc();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  llvm::SmallVector<Type> arguments(arity(AdvxUniformFunction()), parts.pointer());
  auto type = LLVM::LLVMFunctionType::get(parts.nothing(), arguments);
  auto function =
      builder.create<LLVM::LLVMFuncOp>(loc, "advx_fill_uniforms", type, LLVM::Linkage::Internal);
  Block *entry = function.addEntryBlock(builder);
  builder.setInsertionPointToStart(entry);
  if (!uniforms) {
    builder.create<LLVM::ReturnOp>(loc, ValueRange{});
    return {function};
  }

  Value settings = entry->getArgument(0);
  Value clock = entry->getArgument(1);
  Value resolved = entry->getArgument(2);
  Value slots = entry->getArgument(3);
  constexpr unsigned clockSize = ADVX_CLOCK_HANDS;
  Type f64 = builder.getF64Type();
  auto place = [&](Value array, unsigned index) -> Value {
    return builder.create<LLVM::GEPOp>(loc, parts.pointer(), f64, array,
                                       llvm::ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
  };
  IRMapping mapping;
  for (auto [i, argument] : llvm::enumerate(uniforms.getArguments())) {
    Value from = i < clockSize ? place(clock, i) : place(settings, i - clockSize);
    mapping.map(argument, builder.create<LLVM::LoadOp>(loc, f64, from));
  }
  for (Operation &op : uniforms.front().without_terminator())
    builder.clone(op, mapping);
  unsigned settingCount = uniforms.getNumArguments() - clockSize;
  for (auto [i, value] : llvm::enumerate(uniforms.front().getTerminator()->getOperands())) {
    Value to = i < settingCount ? place(resolved, i) : place(slots, i - settingCount);
    builder.create<LLVM::StoreOp>(loc, mapping.lookup(value), to);
  }
  builder.create<LLVM::ReturnOp>(loc, ValueRange{});
  return {function, settingCount, uniforms.getNumResults() - settingCount};
}

} // namespace advx::codegen
