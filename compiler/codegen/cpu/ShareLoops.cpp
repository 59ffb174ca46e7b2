// advx-share-loops: loops that a long kernel repeats become calls of one function.

#include "compiler/codegen/Passes.h"
#include "compiler/codegen/kernels/Kernels.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

#include <map>

using namespace mlir;

namespace advx::codegen {
#define GEN_PASS_DEF_SHARELOOPS
#include "compiler/codegen/Passes.h.inc"
namespace {

/// A loop as a function of what it reads from outside.
struct SharedForm {
  /// Equal for loops that differ in their inputs only. Of all that it names one copy is in the
  /// context.
  std::vector<uint64_t> key;
  llvm::SetVector<Value> inputs;    ///< by first use
  llvm::SetVector<Value> constants; ///< from outside, part of the key
};

/// Writes down what a loop computes.
class FormBuilder {
public:
  static SharedForm of(scf::ForOp loop) {
    FormBuilder builder;
    builder.addOp(loop);
    return std::move(builder.form);
  }

private:
  enum Kind : uint64_t { inside, input, constant, blockEnd };

  void add(uint64_t number) { form.key.push_back(number); }
  void add(const void *unique) { add(uint64_t(reinterpret_cast<uintptr_t>(unique))); }
  void add(Type type) { add(type.getAsOpaquePointer()); }

  void addDefinition(Value value) {
    numbers.try_emplace(value, numbers.size());
    add(value.getType());
  }

  void addUse(Value value) {
    Attribute attribute;
    if (auto number = numbers.find(value); number != numbers.end()) {
      add(inside);
      add(number->second);
    } else if (matchPattern(value, m_Constant(&attribute))) {
      form.constants.insert(value);
      add(constant);
      add(attribute.getAsOpaquePointer());
    } else {
      form.inputs.insert(value);
      add(input);
      add(inputNumbers.try_emplace(value, inputNumbers.size()).first->second);
    }
    add(value.getType());
  }

  void addOp(Operation *op) {
    add(op->getName().getAsOpaquePointer());
    add(op->getAttrDictionary().getAsOpaquePointer());
    add(uint64_t(op->getNumOperands()));
    for (Value operand : op->getOperands())
      addUse(operand);
    for (Value result : op->getResults())
      addDefinition(result);
    for (Region &region : op->getRegions())
      for (Block &block : region) {
        for (Value argument : block.getArguments())
          addDefinition(argument);
        for (Operation &inner : block)
          addOp(&inner);
        add(blockEnd);
      }
  }

  SharedForm form;
  llvm::DenseMap<Value, uint64_t> numbers, inputNumbers;
};

struct ShareLoops : impl::ShareLoopsBase<ShareLoops> {
  using ShareLoopsBase::ShareLoopsBase;

  void runOnOperation() override {
    functions.clear();
    std::map<std::vector<uint64_t>, unsigned> counts;
    llvm::SmallVector<LLVM::LLVMFuncOp> kernels;
    for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>()) {
      unsigned loops = 0;
      function.walk([&](scf::ForOp) { ++loops; });
      if (isKernel(function) && loops > mostLoops)
        kernels.push_back(function);
    }
    for (LLVM::LLVMFuncOp kernel : kernels)
      kernel.walk([&](scf::ForOp loop) {
        if (auto form = formOf(loop))
          ++counts[form->key];
      });
    // Outer loops first; what is in a repeated one goes with it.
    for (LLVM::LLVMFuncOp kernel : kernels)
      kernel.walk<WalkOrder::PreOrder>([&](scf::ForOp loop) {
        auto form = formOf(loop);
        if (!form || counts[form->key] < 2)
          return WalkResult::advance();
        share(loop, *form);
        return WalkResult::skip();
      });
  }

private:
  /// None for what cannot be a function, or had better not: what a loop carries out of it stays
  /// in registers where nothing is called.
  static std::optional<SharedForm> formOf(scf::ForOp loop) {
    if (loop->getNumResults() != 0)
      return std::nullopt;
    SharedForm form = FormBuilder::of(loop);
    if (!llvm::all_of(form.inputs,
                      [](Value value) { return LLVM::isCompatibleType(value.getType()); }))
      return std::nullopt;
    return form;
  }

  void share(scf::ForOp loop, const SharedForm &form) {
    LLVM::LLVMFuncOp &function = functions[form.key];
    if (!function)
      function = outline(loop, form);
    OpBuilder builder(loop);
    // Loops have no place in the text; their kernel has that of its cluster.
    Location loc = loop->getParentOfType<LLVM::LLVMFuncOp>().getLoc();
    builder.create<LLVM::CallOp>(loc, function, form.inputs.getArrayRef());
    loop.erase();
  }

  LLVM::LLVMFuncOp outline(scf::ForOp loop, const SharedForm &form) {
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    llvm::SmallVector<Type> types(ValueRange(form.inputs.getArrayRef()).getTypes());
    Location loc = loop->getParentOfType<LLVM::LLVMFuncOp>().getLoc();
    auto function = builder.create<LLVM::LLVMFuncOp>(
        loc, ("kernel.loop." + llvm::Twine(functions.size() - 1)).str(),
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(&getContext()), types));
    markKernel(function);
    // Else LLVM would put it back.
    function.setPassthroughAttr(builder.getStrArrayAttr({"noinline"}));
    Block *block = function.addEntryBlock(builder);
    builder.setInsertionPointToStart(block);
    IRMapping mapping;
    for (auto [input, argument] : llvm::zip(form.inputs, block->getArguments()))
      mapping.map(input, argument);
    for (Value constant : form.constants)
      mapping.map(constant, builder.clone(*constant.getDefiningOp())->getResult(0));
    builder.clone(*loop, mapping);
    builder.create<LLVM::ReturnOp>(loc, ValueRange());
    return function;
  }

  std::map<std::vector<uint64_t>, LLVM::LLVMFuncOp> functions; ///< of the module, by key
};

} // namespace

} // namespace advx::codegen
