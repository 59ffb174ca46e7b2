//===- Instantiate.cpp - The min-max problem as batched step functions -----===//

#include "dialect/Conversion/Passes.h"
#include "dialect/Conversion/StepBuilder.h"
#include "dialect/IR/AdvxTypes.h"
#include "dialect/IR/StepAttributes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::advx {
#define GEN_PASS_DEF_INSTANTIATE
#include "dialect/Conversion/Passes.h.inc"

namespace {

/// Builds the functions of one experiment, one after the other.
class Instantiator {
public:
  Instantiator(ModuleOp module, ExperimentOp experiment)
      : experiment(experiment), program(ProgramOp::of(module)), leaves(program.all<LeafOp>()),
        tables(program.all<TableOp>()), builder(module.getBodyRegion()),
        image(cast<RankedTensorType>(program.one<DataOp>().getImage())) {
    builder.setInsertionPointToEnd(module.getBody());
  }

  LogicalResult run();

private:
  /// A function under construction: its arguments are every leaf, x, y, index, and rows of every
  /// table.
  struct Step {
    Step(ExperimentOp experiment, OpBuilder &builder) : emit(experiment, builder) {}
    func::FuncOp function;
    StepBuilder emit;
    StepBuilder::Scope scope;
    Value x, y;
    SmallVector<std::pair<StringRef, Value>> outputs;
    /// What leaves stand for in an evaluation of other weights; they stay as they are.
    llvm::DenseMap<StringAttr, Value> moved;
  };

  std::unique_ptr<Step> begin(StringRef name, Location loc);
  /// The same for a line of an evaluation, at the weights that it is of.
  FailureOr<std::unique_ptr<Step>> begin(StringRef name, Location loc, EvaluateOp evaluation);
  /// Gives leaves the values that they stand for in the evaluation.
  LogicalResult move(EvaluateOp evaluation, Step &step);
  /// The input that has the number of the batch.
  Value batchNumber(Step &step, Location loc);
  /// Returns changed leaves, rows and outputs, in this order; drops the arguments that nothing
  /// reads. A step that `readsData` has its examples among its inputs, even where it reads none.
  void finish(Step &step, bool readsData = true);

  LogicalResult train(MinimizeOp outer, ArrayRef<AdversaryOp> inner);
  /// The function of the experiment that an attribute of `user` names; null after an error.
  static func::FuncOp function(FlatSymbolRefAttr symbol, const SymbolTable &symbols,
                               Operation *user);
  /// Sends x and y through what the training of the page makes of them.
  LogicalResult augment(MinimizeOp outer, Step &step);
  /// A weight that the optimiser moves.
  struct Moved {
    SmallVector<StringAttr> names; ///< Of its leaf, then of the leaves of its states.
    SmallVector<Value> arguments;  ///< Of the update: the weight, its gradient, its states.
    Block *update = nullptr;
  };
  /// `mean` is the mean of `loss` over the batch.
  LogicalResult update(MinimizeOp outer, Step &step, Value loss, Value mean);
  /// Computes what the updates add up over all weights, before any of them runs.
  LogicalResult weightSums(ArrayRef<Moved> moved, Step &step);
  /// Whether the page takes gradients beside that of the loss, for its states.
  static bool takesGradients(MinimizeOp outer);
  /// 1 / number of examples.
  Value shareOfBatch(Location loc, Step &step);
  /// Gives the states of the page new values.
  LogicalResult assign(ArrayAttr names, ValueRange values, Step &step, Location loc);
  /// The mean over the batch; of truth values, the share of true ones.
  Value batchMean(Value value, Step &step);
  /// The step that says whether training ends.
  LogicalResult stop(StopOp op);
  LogicalResult clean(CleanOp op, EvaluateOp evaluation);
  LogicalResult attack(AdversaryOp op, EvaluateOp evaluation);
  /// The step that takes a batch into the running statistics of an evaluation's weights.
  LogicalResult estimate(EvaluateOp evaluation);
  /// The step that says how far the clean example lies outside the set.
  LogicalResult membership(AdversaryOp op);
  /// Adds the outputs `correct` and `finite`, which also asks that `others` are finite,
  /// and answers the logits.
  FailureOr<Value> judge(Region &region, Value point, ArrayRef<Value> others, Step &step,
                         Location loc);

  /// Where a point lies relative to a set, for each example.
  struct Place {
    Value inside;   ///< No part moves the point.
    Value distance; ///< The largest move of an entry by a part.
    Value crossed;  ///< The set has no points: a lower bound lies above its upper one.
  };
  FailureOr<Place> locate(AdversaryOp op, Value point, Step &step);
  /// For each example, whether no element of the condition holds. They are counted in the float
  /// type of `like`.
  Value none(Value condition, Value like);
  Value isFinite(Value value);
  Value scalar(Location loc, double value, Value like) {
    auto type = RankedTensorType::get({}, getElementTypeOrSelf(like.getType()));
    return builder.create<ConstantOp>(loc, type, value);
  }

  ExperimentOp experiment;
  ProgramOp program;
  SmallVector<LeafOp> leaves;
  SmallVector<TableOp> tables;
  OpBuilder builder;
  RankedTensorType image; ///< of one example
};

std::unique_ptr<Instantiator::Step> Instantiator::begin(StringRef name, Location loc) {
  auto label = RankedTensorType::get({ShapedType::kDynamic}, builder.getI64Type());
  SmallVector<int64_t> shape{ShapedType::kDynamic};
  shape.append(image.getShape().begin(), image.getShape().end());

  SmallVector<Type> types;
  for (LeafOp leaf : leaves)
    types.push_back(leaf.getType());
  types.append({RankedTensorType::get(shape, image.getElementType()), label, label});
  for (TableOp table : tables)
    types.push_back(withBatch(table.getType()));

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
  for (auto [i, table] : llvm::enumerate(tables)) {
    step->emit.leaves[table.getSymNameAttr()] = entry->getArgument(leaves.size() + 3 + i);
    describe("advx.input", builder.getStringAttr(kRowsPrefix + table.getSymName()));
  }
  step->function.setAllArgAttrs(attributes);
  step->x = entry->getArgument(leaves.size());
  step->y = entry->getArgument(leaves.size() + 1);
  step->emit.index = entry->getArgument(leaves.size() + 2);
  step->emit.like = step->x;
  step->scope.values = {step->x, step->y};
  builder.setInsertionPointToEnd(entry);
  return step;
}

FailureOr<std::unique_ptr<Instantiator::Step>> Instantiator::begin(StringRef name, Location loc,
                                                                   EvaluateOp evaluation) {
  std::unique_ptr<Step> step = begin(name, loc);
  if (failed(move(evaluation, *step)))
    return failure();
  return step;
}

LogicalResult Instantiator::move(EvaluateOp evaluation, Step &step) {
  auto symbol = evaluation->getAttrOfType<FlatSymbolRefAttr>(kWeightsAttr);
  if (!symbol)
    return success();
  func::FuncOp function = this->function(symbol, SymbolTable(experiment), evaluation);
  if (!function)
    return failure();
  StepBuilder::Scope scope;
  auto weights = step.emit.inlineBlock(function.getBody().front(), {}, scope);
  if (failed(weights))
    return failure();
  auto before = step.emit.leaves;
  step.emit.moveTo(weights->front());
  if (auto statistics = evaluation->getAttrOfType<DictionaryAttr>(kStatisticsAttr))
    for (NamedAttribute kept : statistics)
      step.emit.leaves[kept.getName()] = before[cast<FlatSymbolRefAttr>(kept.getValue()).getAttr()];
  for (auto &[leaf, value] : step.emit.leaves)
    if (value != before[leaf])
      step.moved[leaf] = value;
  return success();
}

Value Instantiator::batchNumber(Step &step, Location loc) {
  unsigned last = step.function.getNumArguments();
  auto name = builder.getNamedAttr("advx.input", builder.getStringAttr(kBatchInput));
  step.function.insertArgument(last, RankedTensorType::get({}, builder.getI64Type()),
                               builder.getDictionaryAttr(name), loc);
  return step.function.getArgument(last);
}

void Instantiator::finish(Step &step, bool readsData) {
  func::FuncOp function = step.function;
  StepWeights::erase(function);
  SmallVector<Value> results;
  SmallVector<DictionaryAttr> attributes;
  auto describe = [&](StringRef name, Attribute value) {
    attributes.push_back(builder.getDictionaryAttr(builder.getNamedAttr(name, value)));
  };
  for (auto [i, leaf] : llvm::enumerate(leaves)) {
    Value value = step.emit.leaves[leaf.getSymNameAttr()];
    if (value == function.getArgument(i) || step.moved.contains(leaf.getSymNameAttr()))
      continue;
    results.push_back(value);
    describe("advx.state", builder.getI64IntegerAttr(leaf.getSlot()));
  }
  for (auto [i, table] : llvm::enumerate(tables)) {
    Value value = step.emit.leaves[table.getSymNameAttr()];
    if (value == function.getArgument(leaves.size() + 3 + i))
      continue;
    results.push_back(value);
    describe("advx.output", builder.getStringAttr(kRowsPrefix + table.getSymName()));
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
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    unused[i] = (!readsData || i < leaves.size() || i >= leaves.size() + 3) &&
                function.getArgument(i).use_empty();
  function.eraseArguments(unused);
  builder.setInsertionPointAfter(function);
}

Value Instantiator::none(Value condition, Value like) {
  Location loc = condition.getLoc();
  Value one = scalar(loc, 1, like);
  Value zero = scalar(loc, 0, like);
  Value count = builder.create<ReduceSumOp>(
      loc, builder.create<SelectOp>(loc, condition, one, zero).getResult());
  return builder.create<CompareOp>(loc, ComparePredicate::eq, count, zero);
}

Value Instantiator::isFinite(Value value) {
  Location loc = value.getLoc();
  Value limit = scalar(loc, largest(getElementTypeOrSelf(value.getType())), value);
  Value size = builder.create<AbsOp>(loc, value);
  // A NaN compares false, so it is counted with the infinities.
  Value within = builder.create<CompareOp>(loc, ComparePredicate::le, size, limit);
  return none(builder.create<LogicalNotOp>(loc, within), value);
}

FailureOr<Value> Instantiator::judge(Region &region, Value point, ArrayRef<Value> others,
                                     Step &step, Location loc) {
  auto logits = step.emit.inlineBlock(region.front(), point, step.scope);
  if (failed(logits))
    return failure();
  Value finite = step.emit.batched(isFinite(logits->front()));
  for (Value other : others)
    finite = builder.create<LogicalAndOp>(loc, finite, isFinite(other));
  Value label = builder.create<ArgmaxOp>(loc, logits->front());
  Value correct = builder.create<CompareOp>(loc, ComparePredicate::eq, label, step.y);
  // The largest of logits that are NaN is no label.
  step.outputs.push_back({"correct", builder.create<LogicalAndOp>(loc, correct, finite)});
  step.outputs.push_back({"finite", finite});
  return logits->front();
}

FailureOr<Instantiator::Place> Instantiator::locate(AdversaryOp op, Value point, Step &step) {
  Location loc = op.getLoc();
  Block &member = op.getMember().front();
  SmallVector<Value> arguments(step.scope.values);
  // Variables of other inner problems: a set that names them has no membership step.
  arguments.resize(member.getNumArguments() - 1);
  arguments.push_back(point);
  Block *block = builder.getInsertionBlock();
  Operation *before = block->empty() ? nullptr : &block->back();
  auto projections = step.emit.inlineBlock(member, arguments, step.scope);
  if (failed(projections))
    return failure();
  SmallVector<ClipOp> clips;
  for (Operation *op = before ? before->getNextNode() : &block->front(); op; op = op->getNextNode())
    if (auto clip = dyn_cast<ClipOp>(op))
      clips.push_back(clip);

  Place place;
  auto allowed = op->getAttrOfType<FloatAttr>(kToleranceAttr);
  Value tolerance = scalar(loc, allowed ? allowed.getValueAsDouble() : 0, point);
  auto both = [&](Value a, Value b) {
    return a ? builder.create<LogicalAndOp>(loc, a, b).getResult() : b;
  };
  for (Value projection : *projections) {
    Value move = builder.create<AbsOp>(loc, builder.create<SubOp>(loc, projection, point));
    // A NaN compares false, and so counts as outside.
    Value near = builder.create<CompareOp>(loc, ComparePredicate::le, move, tolerance);
    place.inside = both(place.inside, none(builder.create<LogicalNotOp>(loc, near), move));
    Value farthest = builder.create<ReduceMaxOp>(loc, move);
    place.distance = place.distance
                         ? builder.create<MaximumOp>(loc, place.distance, farthest).getResult()
                         : farthest;
  }
  // Clipping to [low, high] with low above high is the projection on no set.
  Value ordered;
  for (ClipOp clip : clips)
    ordered = both(ordered, none(builder.create<CompareOp>(loc, ComparePredicate::gt,
                                                           clip.getLower(), clip.getUpper()),
                                 clip.getLower()));
  if (ordered) {
    place.inside = both(place.inside, ordered);
    place.crossed = step.emit.batched(builder.create<LogicalNotOp>(loc, ordered));
  }
  place.inside = step.emit.batched(place.inside);
  return place;
}

LogicalResult Instantiator::membership(AdversaryOp op) {
  std::unique_ptr<Step> step = begin(op->getAttrOfType<StringAttr>(kMembershipAttr), op.getLoc());
  FailureOr<Place> place = locate(op, step->x, *step);
  if (failed(place))
    return failure();
  Location loc = op.getLoc();
  Value zero = scalar(loc, 0, place->distance);
  Value outside = builder.create<SelectOp>(loc, place->inside, zero, place->distance);
  if (place->crossed)
    outside = builder.create<SelectOp>(loc, place->crossed, scalar(loc, -1, outside), outside);
  step->outputs.push_back({"outside", outside});
  finish(*step);
  return success();
}

LogicalResult Instantiator::clean(CleanOp op, EvaluateOp evaluation) {
  auto begun = begin((evaluation.getSymName() + op.getName()).str(), op.getLoc(), evaluation);
  if (failed(begun))
    return failure();
  std::unique_ptr<Step> &step = *begun;
  FailureOr<Value> logits = judge(op.getJudge(), step->x, {}, *step, op.getLoc());
  if (failed(logits))
    return failure();
  step->outputs.push_back({"logits", *logits});
  finish(*step);
  return success();
}

LogicalResult Instantiator::estimate(EvaluateOp evaluation) {
  Location loc = evaluation.getLoc();
  std::unique_ptr<Step> step = begin(evaluation->getAttrOfType<StringAttr>(kEstimationAttr), loc);
  func::FuncOp function = this->function(evaluation->getAttrOfType<FlatSymbolRefAttr>(kForwardAttr),
                                         SymbolTable(experiment), evaluation);
  if (!function)
    return failure();
  auto before = step->emit.leaves;
  if (failed(move(evaluation, *step)))
    return failure();
  // With momentum 1 a forward leaves the statistics of its batch alone.
  step->emit.momentum = builder.create<arith::ConstantOp>(loc, builder.getF64FloatAttr(1.0));
  if (failed(step->emit.inlineBlock(function.getBody().front(), step->x, step->scope)))
    return failure();
  // Every batch counts as much as any other: the mean after k of them takes a share of 1/k of the
  // last.
  Value number = batchNumber(*step, loc);
  for (NamedAttribute entry : evaluation->getAttrOfType<DictionaryAttr>(kStatisticsAttr)) {
    StringAttr keeper = cast<FlatSymbolRefAttr>(entry.getValue()).getAttr();
    Value own = step->emit.leaves[entry.getName()], kept = before[keeper];
    Value one = scalar(loc, 1, own);
    Value batches = builder.create<CastOp>(loc, number, getElementTypeOrSelf(own.getType()));
    Value share =
        builder.create<DivOp>(loc, one, builder.create<AddOp>(loc, batches, one).getResult());
    Value rest = builder.create<SubOp>(loc, one, share);
    step->emit.leaves[keeper] =
        builder.create<AddOp>(loc, builder.create<MulOp>(loc, kept, rest).getResult(),
                              builder.create<MulOp>(loc, own, share).getResult());
  }
  finish(*step);
  return success();
}

LogicalResult Instantiator::attack(AdversaryOp op, EvaluateOp evaluation) {
  Location loc = op.getLoc();
  auto begun = begin(op.getPath(), loc, evaluation);
  if (failed(begun))
    return failure();
  std::unique_ptr<Step> &step = *begun;
  step->emit.watchesGradients = true;
  FailureOr<Value> point = step->emit.adversary(op, step->scope);
  if (failed(point))
    return failure();
  SmallVector<Value> arguments(step->scope.values);
  arguments.push_back(*point);
  FailureOr<Place> place = locate(op, *point, *step);
  auto objective = step->emit.inlineBlock(op.getObjective().front(), arguments, step->scope);
  if (failed(place) || failed(objective))
    return failure();
  step->outputs.push_back({"inside", place->inside});
  FailureOr<Value> logits = judge(op.getJudge(), *point, {*point, objective->front()}, *step, loc);
  if (failed(logits))
    return failure();
  if (Value vanishing = step->emit.vanishing())
    step->outputs.push_back({"vanishing", vanishing});
  step->outputs.push_back({"objective", objective->front()});
  step->outputs.push_back({"adversarial", *point});
  step->outputs.push_back({"logits", *logits});
  finish(*step);
  return success();
}

func::FuncOp Instantiator::function(FlatSymbolRefAttr symbol, const SymbolTable &symbols,
                                    Operation *user) {
  auto function = symbols.lookup<func::FuncOp>(symbol.getAttr());
  if (!function)
    user->emitOpError() << symbol << " is no function of the experiment";
  return function;
}

LogicalResult Instantiator::augment(MinimizeOp outer, Step &step) {
  auto functions = outer->getAttrOfType<ArrayAttr>(kAugmentAttr);
  if (!functions)
    return success();
  SymbolTable symbols(experiment);
  // Replays see one image, as what a page keeps of it belongs to that image.
  step.scope.held = true;
  for (auto symbol : functions.getAsRange<FlatSymbolRefAttr>()) {
    func::FuncOp function = this->function(symbol, symbols, outer);
    if (!function)
      return failure();
    step.scope.path = symbol.getValue().rtrim('.').str();
    auto values = step.emit.inlineBlock(function.getBody().front(), step.scope.values, step.scope);
    if (failed(values))
      return failure();
    for (auto [old, value] : llvm::zip(step.scope.values, *values))
      old = step.emit.batched(value);
  }
  step.scope.path.clear();
  step.scope.held = false;
  return success();
}

bool Instantiator::takesGradients(MinimizeOp outer) {
  return outer.getAlso() && !outer.getLoss().getOps<GradientOp>().empty();
}

Value Instantiator::shareOfBatch(Location loc, Step &step) {
  Value size = builder.create<BatchSizeOp>(loc, builder.getF64Type(), step.x);
  Value one = builder.create<arith::ConstantOp>(loc, builder.getF64FloatAttr(1.0));
  return builder.create<arith::DivFOp>(loc, one, size);
}

LogicalResult Instantiator::assign(ArrayAttr names, ValueRange values, Step &step, Location loc) {
  for (auto [name, value] : llvm::zip(names.getAsRange<FlatSymbolRefAttr>(), values)) {
    Value &state = step.emit.leaves[name.getAttr()];
    if (isBatched(state.getType()))
      value = step.emit.batched(value);
    if (value.getType() != state.getType())
      return emitError(loc) << "updates " << name << " of type " << state.getType()
                            << " to a value of type " << value.getType()
                            << castHint(state.getType(), value.getType());
    state = value;
  }
  return success();
}

LogicalResult Instantiator::update(MinimizeOp outer, Step &step, Value loss, Value mean) {
  Location loc = outer.getLoc();
  SymbolTable symbols(experiment);
  DictionaryAttr projections = outer.getProjections().value_or(builder.getDictionaryAttr({}));
  auto groups = outer->getAttrOfType<DictionaryAttr>(kGroupsAttr);
  std::vector<Moved> moved;
  SmallVector<Value> weights;
  for (LeafOp leaf : leaves)
    if (leaf.getTrainable()) {
      moved.emplace_back().names = {leaf.getSymNameAttr()};
      weights.push_back(step.emit.leaves[leaf.getSymNameAttr()]);
      auto group = groups ? groups.getAs<FlatSymbolRefAttr>(leaf.getSymName()) : nullptr;
      moved.back().update = &outer.getUpdate().front();
      if (!group)
        continue;
      func::FuncOp function = this->function(group, symbols, outer);
      if (!function)
        return failure();
      moved.back().update = &function.getBody().front();
    }
  // Where the page takes gradients of its own beside the loss, the gradient is that of the sum, as
  // theirs are, so that one backward serves both; the mean's is a share of it.
  bool isShared = takesGradients(outer) && isBatched(loss.getType());
  auto gradients = builder.create<GradientOp>(loc, ValueRange(weights).getTypes(),
                                              isShared ? loss : mean, weights);
  Value share = isShared ? shareOfBatch(loc, step) : Value();
  for (auto [i, weight] : llvm::enumerate(moved)) {
    Value gradient = gradients.getResult(i);
    if (share) {
      auto scalar = RankedTensorType::get({}, getElementTypeOrSelf(gradient.getType()));
      gradient = builder.create<MulOp>(loc, gradient, builder.create<SplatOp>(loc, scalar, share));
    }
    weight.arguments = {weights[i], gradient};
    StringRef leaf = weight.names.front();
    for (StringRef state : outer.getStates().getAsValueRange<StringAttr>()) {
      weight.names.push_back(builder.getStringAttr("outer." + state + "[" + leaf + "]"));
      weight.arguments.push_back(step.emit.leaves[weight.names.back()]);
    }
  }
  if (failed(weightSums(moved, step)))
    return failure();
  for (Moved &weight : moved) {
    auto next = step.emit.inlineBlock(*weight.update, weight.arguments, step.scope);
    if (failed(next))
      return failure();
    if (auto project = projections.getAs<FlatSymbolRefAttr>(weight.names.front())) {
      func::FuncOp function = this->function(project, symbols, outer);
      if (!function)
        return failure();
      auto projected = step.emit.inlineBlock(function.getBody().front(), next->front(), step.scope);
      if (failed(projected))
        return failure();
      next->front() = projected->front();
    }
    for (auto [name, value] : llvm::zip(weight.names, *next)) {
      Value &state = step.emit.leaves[name];
      if (value.getType() != state.getType())
        return outer.emitOpError() << "updates '" << name.getValue() << "' of type "
                                   << state.getType() << " to a value of type " << value.getType()
                                   << castHint(state.getType(), value.getType());
      state = value;
    }
  }
  return success();
}

LogicalResult Instantiator::weightSums(ArrayRef<Moved> moved, Step &step) {
  // The sums of an update in order, which is that of all updates: a sum may be of another.
  auto sumsOf = [](Block *update) {
    SmallVector<BatchSumOp> sums;
    for (BatchSumOp sum : update->getOps<BatchSumOp>())
      if (sum->hasAttr(kOverWeightsAttr))
        sums.push_back(sum);
    return sums;
  };
  size_t count = moved.empty() ? 0 : sumsOf(moved.front().update).size();
  for (const Moved &weight : moved)
    if (size_t own = sumsOf(weight.update).size(); own != count)
      return weight.update->getParentOp()->emitError()
             << "adds up " << own << " numbers over the weights where another update adds up "
             << count;
  for (size_t k = 0; k < count; ++k) {
    Value total;
    for (const Moved &weight : moved) {
      BatchSumOp sum = sumsOf(weight.update)[k];
      FailureOr<Value> part =
          step.emit.valueOf(sum.getInput(), *weight.update, weight.arguments, step.scope);
      if (failed(part))
        return failure();
      total = total ? builder.create<AddOp>(sum.getLoc(), total, *part).getResult() : *part;
    }
    for (const Moved &weight : moved)
      step.scope.shared[sumsOf(weight.update)[k].getOperation()] = total;
  }
  return success();
}

Value Instantiator::batchMean(Value value, Step &step) {
  Location loc = value.getLoc();
  if (getElementTypeOrSelf(value.getType()).isInteger(1))
    value = builder.create<CastOp>(loc, value, getElementTypeOrSelf(step.x.getType()));
  if (!isBatched(value.getType()))
    return value;
  Value sum = builder.create<BatchSumOp>(loc, value);
  Value share = shareOfBatch(loc, step);
  return builder.create<MulOp>(loc, sum, builder.create<SplatOp>(loc, sum.getType(), share));
}

LogicalResult Instantiator::train(MinimizeOp outer, ArrayRef<AdversaryOp> inner) {
  Location loc = outer.getLoc();
  std::unique_ptr<Step> step = begin("train_step", loc);
  Value number;
  step->emit.batchNumber = [&] {
    if (!number)
      number = batchNumber(*step, loc);
    return number;
  };
  if (failed(augment(outer, *step)))
    return failure();
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
  Value mean = batchMean(loss->front(), *step);
  if (failed(update(outer, *step, loss->front(), mean)))
    return failure();
  step->outputs.push_back({"loss", mean});
  ArrayRef<Value> rest = ArrayRef(*loss).drop_front();
  if (auto measures = outer->getAttrOfType<ArrayAttr>(kMeasuresAttr)) {
    for (auto [name, value] : llvm::zip(measures.getAsValueRange<StringAttr>(), rest))
      step->outputs.push_back({name, batchMean(value, *step)});
    rest = rest.drop_front(measures.size());
  }
  if (outer.getAlso() && failed(assign(*outer.getAlso(), rest, *step, loc)))
    return failure();
  if (outer.getThen()) {
    step->emit.restart();
    auto states = step->emit.inlineBlock(outer.getAfter().front(), step->scope.values, step->scope);
    if (failed(states) || failed(assign(*outer.getThen(), *states, *step, loc)))
      return failure();
  }
  finish(*step);
  return success();
}

LogicalResult Instantiator::stop(StopOp op) {
  Location loc = op.getLoc();
  std::unique_ptr<Step> step = begin("stop_step", loc);
  step->scope.path = "stop";
  step->scope.values.clear();
  auto accuracy = RankedTensorType::get({}, image.getElementType());
  for (StringRef measured : op.getMeasured().getAsValueRange<StringAttr>()) {
    unsigned last = step->function.getNumArguments();
    auto name = builder.getNamedAttr("advx.input", builder.getStringAttr(measured));
    step->function.insertArgument(last, accuracy, builder.getDictionaryAttr(name), loc);
    step->scope.values.push_back(step->function.getArgument(last));
  }
  auto ends = step->emit.inlineBlock(op.getCondition().front(), step->scope.values, step->scope);
  if (failed(ends))
    return failure();
  step->outputs.push_back({"stop", ends->front()});
  finish(*step, /*readsData=*/false);
  return success();
}

LogicalResult Instantiator::run() {
  SmallVector<AdversaryOp> inner(experiment.getBody().getOps<AdversaryOp>());
  for (MinimizeOp outer : experiment.getBody().getOps<MinimizeOp>())
    if (failed(train(outer, inner)))
      return failure();
  for (StopOp op : experiment.getBody().getOps<StopOp>())
    if (failed(stop(op)))
      return failure();
  llvm::StringSet<> known;
  for (EvaluateOp evaluation : experiment.getBody().getOps<EvaluateOp>()) {
    for (Operation &op : evaluation.getBody().front()) {
      if (auto clean = dyn_cast<CleanOp>(op))
        if (failed(this->clean(clean, evaluation)))
          return failure();
      if (auto adversary = dyn_cast<AdversaryOp>(op))
        if (failed(attack(adversary, evaluation)))
          return failure();
    }
    auto estimation = evaluation->getAttrOfType<StringAttr>(kEstimationAttr);
    if (estimation && known.insert(estimation).second && failed(estimate(evaluation)))
      return failure();
  }
  WalkResult result = experiment.walk([&](AdversaryOp op) {
    auto name = op->getAttrOfType<StringAttr>(kMembershipAttr);
    if (!name || name.empty() || !known.insert(name).second)
      return WalkResult::advance();
    return failed(membership(op)) ? WalkResult::interrupt() : WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

struct InstantiatePass : impl::InstantiateBase<InstantiatePass> {
  void runOnOperation() override {
    SmallVector<ExperimentOp> experiments(getOperation().getOps<ExperimentOp>());
    for (ExperimentOp experiment : experiments) {
      ProgramOp program = ProgramOp::of(getOperation());
      if (!program || !program.one<DataOp>()) {
        experiment.emitError("has no advx.program with its data beside it");
        return signalPassFailure();
      }
      if (failed(Instantiator(getOperation(), experiment).run()))
        return signalPassFailure();
      experiment.erase();
    }
  }
};

} // namespace
} // namespace mlir::advx
