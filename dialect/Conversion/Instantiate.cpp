//===- Instantiate.cpp - The min-max problem as batched step functions -----===//

#include "dialect/Conversion/Passes.h"
#include "dialect/Conversion/StepBuilder.h"
#include "dialect/IR/AdvxTypes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace mlir::advx {
#define GEN_PASS_DEF_INSTANTIATE
#include "dialect/Conversion/Passes.h.inc"

namespace {

/// How far, in units of the data's range, a point may lie from its projection and
/// still count as in the set: above rounding of f32 on [0, 1], far below any radius.
constexpr double membershipTolerance = 1e-5;

/// Builds the functions of one experiment, one after the other.
class Instantiator {
public:
  Instantiator(ModuleOp module, ExperimentOp experiment)
      : experiment(experiment), builder(module.getBodyRegion()) {
    builder.setInsertionPointToEnd(module.getBody());
  }

  LogicalResult run();

private:
  /// A function under construction: its arguments are every leaf, x, y and index.
  struct Step {
    Step(ExperimentOp experiment, OpBuilder &builder) : emit(experiment, builder) {}
    func::FuncOp function;
    StepBuilder emit;
    StepBuilder::Scope scope;
    Value x, y;
    SmallVector<std::pair<StringRef, Value>> outputs;
  };

  std::unique_ptr<Step> begin(StringRef name, Location loc);
  /// Returns changed leaves, then outputs; drops the arguments that nothing reads.
  void finish(Step &step);

  LogicalResult train(MinimizeOp outer, ArrayRef<AdversaryOp> inner);
  LogicalResult update(MinimizeOp outer, Step &step, Value mean);
  LogicalResult clean(CleanOp op, StringRef evaluation);
  LogicalResult attack(AdversaryOp op);
  /// Adds the output `correct`, and answers the logits.
  FailureOr<Value> judge(Region &region, Value point, Step &step, Location loc);

  ExperimentOp experiment;
  OpBuilder builder;
};

std::unique_ptr<Instantiator::Step> Instantiator::begin(StringRef name, Location loc) {
  auto data = *experiment.getBody().getOps<DataOp>().begin();
  auto image = cast<RankedTensorType>(data.getImage());
  auto label = RankedTensorType::get({ShapedType::kDynamic}, builder.getI64Type());
  SmallVector<int64_t> shape{ShapedType::kDynamic};
  shape.append(image.getShape().begin(), image.getShape().end());

  SmallVector<Type> types;
  SmallVector<LeafOp> leaves(experiment.getBody().getOps<LeafOp>());
  for (LeafOp leaf : leaves)
    types.push_back(leaf.getType());
  types.append({RankedTensorType::get(shape, image.getElementType()), label, label});

  auto step = std::make_unique<Step>(experiment, builder);
  step->function = builder.create<func::FuncOp>(loc, name, builder.getFunctionType(types, {}));
  step->function->setAttr("advx.step", builder.getUnitAttr());
  Block *entry = step->function.addEntryBlock();
  SmallVector<DictionaryAttr> attributes;
  auto describe = [&](StringRef name, Attribute value) {
    attributes.push_back(builder.getDictionaryAttr(builder.getNamedAttr(name, value)));
  };
  for (auto [i, leaf] : llvm::enumerate(leaves)) {
    step->emit.leaves[leaf.getSymNameAttr()] = entry->getArgument(i);
    describe("advx.state", builder.getI64IntegerAttr(leaf.getSlot()));
  }
  for (StringRef input : {"x", "y", "index"})
    describe("advx.input", builder.getStringAttr(input));
  step->function.setAllArgAttrs(attributes);
  step->x = entry->getArgument(leaves.size());
  step->y = entry->getArgument(leaves.size() + 1);
  step->emit.index = entry->getArgument(leaves.size() + 2);
  step->emit.like = step->x;
  step->scope.values = {step->x, step->y};
  builder.setInsertionPointToEnd(entry);
  return step;
}

void Instantiator::finish(Step &step) {
  SmallVector<LeafOp> leaves(experiment.getBody().getOps<LeafOp>());
  func::FuncOp function = step.function;
  SmallVector<Value> results;
  SmallVector<DictionaryAttr> attributes;
  auto describe = [&](StringRef name, Attribute value) {
    attributes.push_back(builder.getDictionaryAttr(builder.getNamedAttr(name, value)));
  };
  for (auto [i, leaf] : llvm::enumerate(leaves)) {
    Value value = step.emit.leaves[leaf.getSymNameAttr()];
    if (value == function.getArgument(i))
      continue;
    results.push_back(value);
    describe("advx.state", builder.getI64IntegerAttr(leaf.getSlot()));
  }
  for (auto [name, value] : step.outputs) {
    results.push_back(value);
    describe("advx.output", builder.getStringAttr(name));
  }
  builder.create<func::ReturnOp>(function.getLoc(), results);
  function.setFunctionType(
      builder.getFunctionType(function.getArgumentTypes(), TypeRange(ValueRange(results))));
  function.setAllResultAttrs(attributes);

  llvm::BitVector unused(function.getNumArguments());
  for (unsigned i = 0; i < leaves.size(); ++i)
    unused[i] = function.getArgument(i).use_empty();
  function.eraseArguments(unused);
  builder.setInsertionPointAfter(function);
}

FailureOr<Value> Instantiator::judge(Region &region, Value point, Step &step, Location loc) {
  auto logits = step.emit.inlineBlock(region.front(), point, step.scope);
  if (failed(logits))
    return failure();
  Value label = builder.create<ArgmaxOp>(loc, logits->front());
  Value correct = builder.create<CompareOp>(loc, ComparePredicate::eq, label, step.y);
  step.outputs.push_back({"correct", correct});
  return logits->front();
}

LogicalResult Instantiator::clean(CleanOp op, StringRef evaluation) {
  std::unique_ptr<Step> step = begin((evaluation + "." + op.getName()).str(), op.getLoc());
  FailureOr<Value> logits = judge(op.getJudge(), step->x, *step, op.getLoc());
  if (failed(logits))
    return failure();
  step->outputs.push_back({"logits", *logits});
  finish(*step);
  return success();
}

LogicalResult Instantiator::attack(AdversaryOp op) {
  Location loc = op.getLoc();
  std::unique_ptr<Step> step = begin(op.getPath(), loc);
  FailureOr<Value> point = step->emit.adversary(op, step->scope);
  if (failed(point))
    return failure();
  SmallVector<Value> arguments(step->scope.values);
  arguments.push_back(*point);
  auto projected = step->emit.inlineBlock(op.getMember().front(), arguments, step->scope);
  auto objective = step->emit.inlineBlock(op.getObjective().front(), arguments, step->scope);
  if (failed(projected) || failed(objective))
    return failure();
  Value difference = builder.create<SubOp>(loc, projected->front(), *point);
  Value distance = builder.create<ReduceMaxOp>(loc, builder.create<AbsOp>(loc, difference));
  auto scalar = RankedTensorType::get({}, getElementTypeOrSelf(point->getType()));
  Value tolerance = builder.create<ConstantOp>(loc, scalar, membershipTolerance);
  // A NaN compares false, and so counts as outside.
  step->outputs.push_back(
      {"inside", builder.create<CompareOp>(loc, ComparePredicate::le, distance, tolerance)});
  FailureOr<Value> logits = judge(op.getJudge(), *point, *step, loc);
  if (failed(logits))
    return failure();
  step->outputs.push_back({"objective", objective->front()});
  step->outputs.push_back({"adversarial", *point});
  step->outputs.push_back({"logits", *logits});
  finish(*step);
  return success();
}

LogicalResult Instantiator::update(MinimizeOp outer, Step &step, Value mean) {
  Location loc = outer.getLoc();
  SymbolTable symbols(experiment);
  SmallVector<LeafOp> trainable;
  SmallVector<Value> weights;
  for (LeafOp leaf : experiment.getBody().getOps<LeafOp>())
    if (leaf.getTrainable()) {
      trainable.push_back(leaf);
      weights.push_back(step.emit.leaves[leaf.getSymNameAttr()]);
    }
  auto gradients = builder.create<GradientOp>(loc, ValueRange(weights).getTypes(), mean, weights);
  for (auto [i, leaf] : llvm::enumerate(trainable)) {
    SmallVector<StringAttr> names{leaf.getSymNameAttr()};
    SmallVector<Value> arguments{weights[i], gradients.getResult(i)};
    for (StringRef state : outer.getStates().getAsValueRange<StringAttr>()) {
      names.push_back(builder.getStringAttr("outer." + state + "[" + leaf.getSymName() + "]"));
      arguments.push_back(step.emit.leaves[names.back()]);
    }
    auto next = step.emit.inlineBlock(outer.getUpdate().front(), arguments, step.scope);
    if (failed(next))
      return failure();
    if (auto project = leaf.getProjectAttr()) {
      auto function = symbols.lookup<func::FuncOp>(project.getAttr());
      auto projected = step.emit.inlineBlock(function.getBody().front(), next->front(), step.scope);
      if (failed(projected))
        return failure();
      next->front() = projected->front();
    }
    for (auto [name, value] : llvm::zip(names, *next))
      step.emit.leaves[name] = value;
  }
  return success();
}

LogicalResult Instantiator::train(MinimizeOp outer, ArrayRef<AdversaryOp> inner) {
  Location loc = outer.getLoc();
  std::unique_ptr<Step> step = begin("train_step", loc);
  for (AdversaryOp op : inner) {
    FailureOr<Value> point = step->emit.adversary(op, step->scope);
    if (failed(point))
      return failure();
    step->scope.values.push_back(*point);
  }
  step->scope.path = "outer";
  auto loss = step->emit.inlineBlock(outer.getLoss().front(), step->scope.values, step->scope);
  if (failed(loss))
    return failure();
  Value mean = loss->front();
  if (isBatched(mean.getType())) {
    Value sum = builder.create<BatchSumOp>(loc, mean);
    Value size = builder.create<BatchSizeOp>(loc, builder.getF64Type(), step->x);
    Value one = builder.create<arith::ConstantOp>(loc, builder.getF64FloatAttr(1.0));
    Value share = builder.create<arith::DivFOp>(loc, one, size);
    mean = builder.create<MulOp>(loc, sum, builder.create<SplatOp>(loc, sum.getType(), share));
  }
  if (failed(update(outer, *step, mean)))
    return failure();
  step->outputs.push_back({"loss", mean});
  finish(*step);
  return success();
}

LogicalResult Instantiator::run() {
  SmallVector<AdversaryOp> inner(experiment.getBody().getOps<AdversaryOp>());
  for (MinimizeOp outer : experiment.getBody().getOps<MinimizeOp>())
    if (failed(train(outer, inner)))
      return failure();
  for (EvaluateOp evaluation : experiment.getBody().getOps<EvaluateOp>())
    for (Operation &op : evaluation.getBody().front()) {
      if (auto clean = dyn_cast<CleanOp>(op))
        if (failed(this->clean(clean, evaluation.getSymName())))
          return failure();
      if (auto adversary = dyn_cast<AdversaryOp>(op))
        if (failed(attack(adversary)))
          return failure();
    }
  return success();
}

struct InstantiatePass : impl::InstantiateBase<InstantiatePass> {
  void runOnOperation() override {
    SmallVector<ExperimentOp> experiments(getOperation().getOps<ExperimentOp>());
    for (ExperimentOp experiment : experiments) {
      if (failed(Instantiator(getOperation(), experiment).run()))
        return signalPassFailure();
      // The settings stay until `advx-outline-uniforms` has read them.
      SmallVector<Operation *> decided;
      for (Operation &op : experiment.getBody().front())
        if (!isa<SettingOp>(op))
          decided.push_back(&op);
      for (Operation *op : llvm::reverse(decided))
        op->erase();
    }
  }
};

} // namespace
} // namespace mlir::advx
