#include "compiler/codegen/Passes.h"
#include "compiler/codegen/plan/Buffers.h"
#include "compiler/codegen/plan/Layout.h"
#include "compiler/codegen/plan/Pack.h"
#include "compiler/codegen/plan/Plan.h"
#include "compiler/codegen/plan/StateLayout.h"
#include "dialect/IR/AdvxOps.h"
#include "runtime/abi/advx_abi.h"

using namespace mlir;

namespace advx::codegen {
#define GEN_PASS_DEF_PLAN
#include "compiler/codegen/Passes.h.inc"
namespace {

/// Refuses what has no place in memory: unknown axes or element types, region ops other
/// than loops, leaves that the program does not have.
class InputCheck {
public:
  InputCheck(func::FuncOp step, const StateLayout &state) : step(step), state(state) {}

  LogicalResult run() {
    if (!step.getBody().hasOneBlock())
      return step.emitError("a step must be one block");
    for (unsigned i = 0; i < step.getNumArguments(); ++i)
      if (failed(checkArgument(i)))
        return failure();
    for (unsigned i = 0; i < step.getNumResults(); ++i)
      if (failed(checkResult(i)))
        return failure();
    WalkResult walked = step.walk<WalkOrder::PreOrder>([&](Operation *op) {
      bool cluster = isa<mlir::advx::ClusterOp>(op);
      if (op != step && op->getNumRegions() && !isa<scf::ForOp>(op) && !cluster)
        return op->emitError("has regions, but only scf.for and clusters can be planned"),
               WalkResult::interrupt();
      for (Type type : op->getResultTypes())
        if (failed(checkType(op, type)))
          return WalkResult::interrupt();
      // What is inside a cluster needs no memory of the step's.
      return cluster ? WalkResult::skip() : WalkResult::advance();
    });
    return failure(walked.wasInterrupted());
  }

private:
  LogicalResult checkType(Operation *op, Type type) {
    if (!isa<ShapedType>(type))
      return success();
    auto tensor = bufferType(type);
    if (!tensor || dtypeOf(tensor.getElementType()) < 0)
      return op->emitError("the type ") << type << " has no place in memory";
    for (int64_t axis : mlir::advx::exampleShape(tensor))
      if (ShapedType::isDynamic(axis))
        return op->emitError("an axis other than the batch is not known in ") << type;
    return success();
  }

  LogicalResult checkLeaf(int64_t slot, Type type) {
    mlir::advx::LeafOp leaf = state.leaf(slot);
    if (!leaf)
      return step.emitError("state leaf ") << slot << " is not in the program";
    if (leaf.getType() != type)
      return step.emitError("state leaf '")
             << leaf.getSymName() << "' is of type " << leaf.getType() << " in the program, but of "
             << type << " here" << mlir::advx::castHint(leaf.getType(), type);
    return success();
  }

  LogicalResult checkArgument(unsigned i) {
    Type type = step.getArgumentTypes()[i];
    auto leaf = step.getArgAttrOfType<IntegerAttr>(i, kStateAttr);
    auto input = step.getArgAttrOfType<StringAttr>(i, kInputAttr);
    if (!bufferType(type) || !leaf == !input)
      return step.emitError("argument ") << i << " must be a tensor with either '" << kStateAttr
                                         << "' or '" << kInputAttr << "'";
    if (failed(checkType(step, type)))
      return failure();
    return leaf ? checkLeaf(leaf.getInt(), type) : success();
  }

  LogicalResult checkResult(unsigned i) {
    Type type = step.getResultTypes()[i];
    auto leaf = step.getResultAttrOfType<IntegerAttr>(i, kStateAttr);
    auto output = step.getResultAttrOfType<StringAttr>(i, kOutputAttr);
    if (!bufferType(type) || !leaf == !output)
      return step.emitError("result ") << i << " must be a tensor with either '" << kStateAttr
                                       << "' or '" << kOutputAttr << "'";
    return leaf ? checkLeaf(leaf.getInt(), type) : success();
  }

  func::FuncOp step;
  const StateLayout &state;
};

/// Gives every buffer of one arena its offset; returns the arena's length.
int64_t packArena(Buffers &buffers, const StateLayout &state, bool batched) {
  std::vector<Buffer *> placed;
  std::vector<PackItem> items;
  for (Buffer *buffer : buffers.all()) {
    if (buffer->leaf >= 0)
      buffer->offset = state.offset(buffer->leaf);
    if (buffer->leaf >= 0 || buffer->batched != batched)
      continue;
    PackItem item;
    item.begin = buffer->begin;
    item.end = buffer->end;
    item.size = buffer->size;
    items.push_back(item);
    placed.push_back(buffer);
  }
  int64_t base = batched ? 0 : state.bytes();
  int64_t length = pack(items, batched ? kBatchAlignment : kStateAlignment);
  for (auto [buffer, item] : llvm::zip(placed, items))
    buffer->offset = base + item.offset;
  return base + length;
}

void annotate(func::FuncOp step, Buffers &buffers, const StateLayout &state) {
  Builder builder(step.getContext());
  // All at once: each change of one attribute would copy those of all others.
  auto withOffset = [&](DictionaryAttr known, int64_t offset) {
    NamedAttrList attributes(known);
    attributes.set(kOffsetAttr, builder.getI64IntegerAttr(offset));
    return attributes.getDictionary(step.getContext());
  };
  llvm::SmallVector<DictionaryAttr> arguments, results;
  for (auto [i, argument] : llvm::enumerate(step.getArguments()))
    arguments.push_back(withOffset(step.getArgAttrDict(i), buffers.of(argument).offset));
  step.setAllArgAttrs(arguments);
  for (OpOperand &operand : step.front().getTerminator()->getOpOperands()) {
    unsigned i = operand.getOperandNumber();
    auto leaf = step.getResultAttrOfType<IntegerAttr>(i, kStateAttr);
    results.push_back(
        withOffset(step.getResultAttrDict(i),
                   leaf ? state.offset(leaf.getInt()) : buffers.of(operand.get()).offset));
  }
  step.setAllResultAttrs(results);
  step.walk<WalkOrder::PreOrder>([&](Operation *op) {
    llvm::SmallVector<int64_t> offsets;
    for (Value result : op->getResults())
      offsets.push_back(bufferType(result.getType()) ? buffers.of(result).offset : -1);
    if (llvm::any_of(offsets, [](int64_t offset) { return offset >= 0; }))
      op->setAttr(kOffsetsAttr, builder.getDenseI64ArrayAttr(offsets));
    return isa<mlir::advx::ClusterOp>(op) ? WalkResult::skip() : WalkResult::advance();
  });
}

/// Whether what a step makes of an example depends on no other: nothing without a batch axis is
/// made of what has one, and no op mixes examples.
bool keepsExamplesApart(func::FuncOp step) {
  WalkResult walked = step.walk([](Operation *op) {
    bool sums = op->getNumRegions() == 0 &&
                llvm::any_of(op->getOperandTypes(), mlir::advx::isBatched) &&
                !llvm::all_of(op->getResultTypes(), mlir::advx::isBatched);
    return sums || op->hasTrait<mlir::advx::MixesExamples>() ? WalkResult::interrupt()
                                                             : WalkResult::advance();
  });
  return !walked.wasInterrupted();
}

LogicalResult planStep(func::FuncOp step, const StateLayout &state) {
  if (failed(InputCheck(step, state).run()))
    return failure();
  Buffers::insertCopies(step);
  Buffers buffers(step);
  buffers.coalesce();
  Builder builder(step.getContext());
  step->setAttr(kStateArenaAttr, builder.getI64IntegerAttr(packArena(buffers, state, false)));
  step->setAttr(kBatchArenaAttr, builder.getI64IntegerAttr(packArena(buffers, state, true)));
  annotate(step, buffers, state);
  if (keepsExamplesApart(step))
    step->setAttr(kApartAttr, builder.getUnitAttr());
  return success();
}

/// The function that fills the uniforms takes the clock and the settings, and gives the
/// settings in force and then the uniforms. Returns the number of uniforms.
FailureOr<int64_t> countUniforms(func::FuncOp uniforms) {
  int64_t settings = static_cast<int64_t>(uniforms.getNumArguments()) - ADVX_CLOCK_HANDS;
  int64_t count = static_cast<int64_t>(uniforms.getNumResults()) - settings;
  auto isNumber = [](Type type) { return type.isF64(); };
  if (settings < 0 || count < 0 || !llvm::all_of(uniforms.getArgumentTypes(), isNumber) ||
      !llvm::all_of(uniforms.getResultTypes(), isNumber))
    return uniforms.emitError("must take the clock (")
           << int{ADVX_CLOCK_HANDS}
           << " numbers) and the settings, and give the settings in force and the uniforms, all "
              "f64";
  return count;
}

struct Plan : impl::PlanBase<Plan> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    const StateLayout state = StateLayout::assign(module);
    int64_t uniforms = 0;
    for (auto function : module.getOps<func::FuncOp>()) {
      if (function->hasAttr(kUniformsAttr)) {
        FailureOr<int64_t> count = countUniforms(function);
        if (failed(count))
          return signalPassFailure();
        uniforms = *count;
      } else if (function->hasAttr(kStepAttr) && failed(planStep(function, state))) {
        return signalPassFailure();
      }
    }
    WalkResult walked = module.walk([&](mlir::advx::UniformOp op) {
      if (static_cast<int64_t>(op.getSlot()) < uniforms)
        return WalkResult::advance();
      op.emitError("reads uniform ") << op.getSlot() << " of " << uniforms;
      return WalkResult::interrupt();
    });
    if (walked.wasInterrupted())
      return signalPassFailure();
  }
};

} // namespace

} // namespace advx::codegen
