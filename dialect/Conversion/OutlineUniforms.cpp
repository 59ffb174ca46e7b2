//===- OutlineUniforms.cpp - Numbers known before the step -----------------===//
//
// What a step computes from settings and the clock alone moves into one function
// of f64 arithmetic, `fill_uniforms`, and is read back with `advx.uniform`. So a
// setting or a schedule changes without a rebuild, and a rational is rounded once.
//
//===----------------------------------------------------------------------===//

#include "dialect/Conversion/Passes.h"
#include "dialect/IR/AdvxOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Iterators.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::advx {
#define GEN_PASS_DEF_OUTLINEUNIFORMS
#include "dialect/Conversion/Passes.h.inc"

namespace {

/// Tells which values a step can leave to `fill_uniforms`.
class Uniforms {
public:
  /// True for settings, the clock, constants, and arithmetic of such.
  bool isUniform(Value value) {
    auto known = cache.find(value);
    if (known != cache.end())
      return known->second;
    Operation *op = value.getDefiningOp();
    bool uniform = op && (isa<SettingValueOp, ClockOp>(op) ||
                          (isArithmetic(op) && llvm::all_of(op->getOperands(), [&](Value operand) {
                             return isUniform(operand);
                           })));
    return cache[value] = uniform;
  }

  /// True where a setting or the clock has a part in the uniform value.
  bool varies(Value value) {
    if (auto known = varying.find(value); known != varying.end())
      return known->second;
    Operation *op = value.getDefiningOp();
    bool result = isa<SettingValueOp, ClockOp>(op) ||
                  llvm::any_of(op->getOperands(), [&](Value operand) { return varies(operand); });
    return varying[value] = result;
  }

  /// True where the op remains in the step: it is not uniform, or it is a condition
  /// (uniforms are numbers) that something in the step reads.
  bool stays(Operation *op) {
    if (op->getNumResults() != 1 || !isUniform(op->getResult(0)))
      return true;
    if (op->getResult(0).getType().isF64())
      return false;
    if (auto known = staying.find(op); known != staying.end())
      return known->second;
    bool result = llvm::any_of(op->getUsers(), [&](Operation *user) { return stays(user); });
    return staying[op] = result;
  }

private:
  static bool isArithmetic(Operation *op) {
    bool dialect = isa_and_nonnull<arith::ArithDialect, math::MathDialect>(op->getDialect());
    return dialect && op->getNumResults() == 1 && isMemoryEffectFree(op) &&
           (op->getResult(0).getType().isF64() || op->getResult(0).getType().isInteger(1));
  }

  llvm::DenseMap<Value, bool> cache, varying;
  llvm::DenseMap<Operation *, bool> staying;
};

/// The function under construction.
class Filler {
public:
  Filler(ModuleOp module, ProgramOp program)
      : builder(module.getBodyRegion()), loc(program ? program.getLoc() : module.getLoc()) {
    if (program)
      settings = program.all<SettingOp>();
    builder.setInsertionPointToEnd(module.getBody());
    SmallVector<Type> types(hands.size() + settings.size(), builder.getF64Type());
    function =
        builder.create<func::FuncOp>(loc, "fill_uniforms", builder.getFunctionType(types, {}));
    builder.setInsertionPointToEnd(function.addEntryBlock());
    for (auto [i, setting] : llvm::enumerate(settings))
      declared[setting.getPath()] = {setting, function.getArgument(hands.size() + i), Value()};
    for (SettingOp setting : settings)
      results.push_back(resolve(setting.getPath()));
    resolvedCount = results.size();
  }

  /// The slot of a uniform value; computes it here.
  int64_t slot(Value value) {
    Value copy = compute(value);
    auto [entry, isNew] = slots.try_emplace(copy, slots.size());
    if (isNew) {
      results.push_back(copy);
      reads.push_back(builder.getStrArrayAttr(readsOf(value)));
    }
    return entry->second;
  }

  void finish() {
    builder.create<func::ReturnOp>(loc, results);
    function.setFunctionType(
        builder.getFunctionType(function.getArgumentTypes(), TypeRange(ValueRange(results))));
    function->setAttr("advx.uniforms", builder.getUnitAttr());
    function->setAttr("advx.resolved", builder.getI64IntegerAttr(resolvedCount));
    function->setAttr("advx.uniform_reads", builder.getArrayAttr(reads));
    // The function computes what the regions did.
    for (SettingOp setting : settings) {
      setting.getValue().dropAllReferences();
      setting.getValue().getBlocks().clear();
    }
  }

private:
  struct Declared {
    SettingOp op;
    Value argument;
    Value resolved;
  };

  /// The user's value, or the page's where the user's is NaN.
  Value resolve(StringRef name) {
    Declared &setting = declared[name];
    if (setting.resolved)
      return setting.resolved;
    Value page = compute(setting.op.getValue().front().getTerminator()->getOperand(0));
    Value unset = builder.create<arith::CmpFOp>(setting.op.getLoc(), arith::CmpFPredicate::UNO,
                                                setting.argument, setting.argument);
    return declared[name].resolved =
               builder.create<arith::SelectOp>(setting.op.getLoc(), unset, page, setting.argument);
  }

  /// The settings and hands of the clock that the value is computed from, each once.
  static SmallVector<StringRef> readsOf(Value value) {
    llvm::SetVector<StringRef> names;
    llvm::SetVector<Operation *> ops;
    ops.insert(value.getDefiningOp());
    for (size_t i = 0; i < ops.size(); ++i) {
      if (auto setting = dyn_cast<SettingValueOp>(ops[i]))
        names.insert(setting.getPath());
      else if (auto clock = dyn_cast<ClockOp>(ops[i]))
        names.insert(clock.getHand());
      for (Value operand : ops[i]->getOperands())
        ops.insert(operand.getDefiningOp());
    }
    return names.takeVector();
  }

  Value compute(Value value) {
    if (Value known = computed.lookupOrNull(value))
      return known;
    Operation *op = value.getDefiningOp();
    if (auto setting = dyn_cast<SettingValueOp>(op))
      return resolve(setting.getPath());
    if (auto clock = dyn_cast<ClockOp>(op))
      return function.getArgument(llvm::find(hands, clock.getHand()) - hands.begin());
    for (Value operand : op->getOperands())
      computed.map(operand, compute(operand));
    Value copy = builder.clone(*op, computed)->getResult(0);
    computed.map(value, copy);
    return copy;
  }

  const std::array<StringRef, 4> hands{"epoch", "iteration", "epochs", "iterations"};
  OpBuilder builder;
  Location loc;
  SmallVector<SettingOp> settings;
  func::FuncOp function;
  llvm::StringMap<Declared> declared;
  IRMapping computed;
  llvm::DenseMap<Value, int64_t> slots;
  SmallVector<Value> results;
  SmallVector<Attribute> reads; ///< of each slot
  int64_t resolvedCount = 0;
};

/// Replaces the uniform numbers that the rest of the step reads.
void outline(func::FuncOp step, Filler &filler) {
  Uniforms uniforms;
  SmallVector<Value> frontier;
  step.walk([&](Operation *op) {
    for (Value result : op->getResults())
      if (result.getType().isF64() && uniforms.isUniform(result) && uniforms.varies(result) &&
          llvm::any_of(op->getUsers(), [&](Operation *user) { return uniforms.stays(user); }))
        frontier.push_back(result);
  });
  // Slots are computed from the ops as they are, before any is replaced.
  SmallVector<int64_t> slots;
  for (Value value : frontier)
    slots.push_back(filler.slot(value));
  llvm::DenseSet<Operation *> readers;
  for (Value value : frontier)
    for (Operation *user : value.getUsers())
      if (uniforms.stays(user))
        readers.insert(user);
  for (auto [value, slot] : llvm::zip(frontier, slots)) {
    OpBuilder builder(value.getDefiningOp());
    Value uniform = builder.create<UniformOp>(value.getLoc(), builder.getF64Type(),
                                              builder.getI64IntegerAttr(slot));
    value.replaceUsesWithIf(uniform,
                            [&](OpOperand &use) { return readers.contains(use.getOwner()); });
  }
  // What only other uniforms read is dead here. From the end, and what an op holds before the
  // op: a loop that is dead goes with its body.
  step.walk<WalkOrder::PostOrder, ReverseIterator>([](Operation *op) {
    if (isOpTriviallyDead(op))
      op->erase();
  });
}

struct OutlineUniformsPass : impl::OutlineUniformsBase<OutlineUniformsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<func::FuncOp> steps;
    for (func::FuncOp function : module.getOps<func::FuncOp>())
      if (function->hasAttr("advx.step"))
        steps.push_back(function);
    ProgramOp program = ProgramOp::of(module);
    for (SettingOp setting : program ? program.all<SettingOp>() : SmallVector<SettingOp>())
      if (setting.getValue().empty()) {
        setting.emitError("has no value any more, so it cannot become a uniform");
        return signalPassFailure();
      }
    Filler filler(module, program);
    for (func::FuncOp step : steps)
      outline(step, filler);
    filler.finish();
  }
};

} // namespace
} // namespace mlir::advx
