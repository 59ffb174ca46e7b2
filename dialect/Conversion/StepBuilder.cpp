//===- StepBuilder.cpp - Problem-tier regions inlined and batched ----------===//

#include "dialect/Conversion/StepBuilder.h"
#include "dialect/IR/AdvxTypes.h"
#include "dialect/IR/StepAttributes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::advx {

double largest(Type element) {
  return APFloat::getLargest(cast<FloatType>(element).getFloatSemantics()).convertToDouble();
}

/// The ops of `block` that compute `roots`, and those with an effect of their own. With
/// `onlyDifferentiated`, what `advx.stop_gradient` has as its operand is none of them.
static llvm::SetVector<Operation *> slice(Block &block, ArrayRef<Value> roots, bool withEffects,
                                          bool onlyDifferentiated = false) {
  llvm::SetVector<Operation *> needed;
  SmallVector<Operation *> work;
  auto require = [&](Operation *op) {
    op = block.findAncestorOpInBlock(*op);
    if (op && needed.insert(op))
      work.push_back(op);
  };
  for (Value root : roots)
    if (Operation *op = root.getDefiningOp())
      require(op);
  if (withEffects)
    block.walk([&](ApplyOp apply) {
      if (apply.getMode() == ModelMode::train)
        require(apply);
    });
  while (!work.empty()) {
    Operation *next = work.pop_back_val();
    if (onlyDifferentiated && isa<StopGradientOp>(next))
      continue;
    next->walk([&](Operation *op) {
      for (Value operand : op->getOperands())
        if (Operation *source = operand.getDefiningOp())
          require(source);
    });
  }
  return needed;
}

StepBuilder::StepBuilder(ExperimentOp experiment, OpBuilder &builder)
    : experiment(experiment), builder(builder), symbols(experiment),
      loopAnalysis(symbols, ProgramOp::of(experiment->getParentOfType<ModuleOp>())) {}

FailureOr<SmallVector<Value>> StepBuilder::inlineBlock(Block &block, ValueRange arguments,
                                                       Scope &scope, ArrayRef<bool> wanted) {
  IRMapping map;
  for (auto [parameter, argument] : llvm::zip(block.getArguments(), arguments))
    if (argument)
      map.map(parameter, argument);
  Operation *terminator = block.getTerminator();
  llvm::SetVector<Operation *> needed;
  if (!wanted.empty()) {
    SmallVector<Value> roots;
    for (auto [operand, want] : llvm::zip(terminator->getOperands(), wanted))
      if (want)
        roots.push_back(operand);
    needed = slice(block, roots, /*withEffects=*/true);
  }
  for (Operation &op : block.without_terminator()) {
    if (!wanted.empty() && !needed.contains(&op))
      continue;
    if (auto shared = scope.shared.find(&op); shared != scope.shared.end()) {
      map.map(op.getResult(0), shared->second);
      continue;
    }
    if (failed(inlineOp(op, map, scope)))
      return failure();
  }
  SmallVector<Value> results;
  for (auto [i, operand] : llvm::enumerate(terminator->getOperands()))
    results.push_back(wanted.empty() || wanted[i] ? map.lookup(operand) : Value());
  return results;
}

FailureOr<Value> StepBuilder::valueOf(Value value, Block &block, ValueRange arguments,
                                      Scope &scope) {
  IRMapping map;
  map.map(block.getArguments(), arguments);
  llvm::SetVector<Operation *> needed = slice(block, value, /*withEffects=*/false);
  for (Operation &op : block.without_terminator()) {
    if (!needed.contains(&op))
      continue;
    if (auto shared = scope.shared.find(&op); shared != scope.shared.end())
      map.map(op.getResult(0), shared->second);
    else if (failed(inlineOp(op, map, scope)))
      return failure();
  }
  return map.lookup(value);
}

LogicalResult StepBuilder::inferred(Operation &op, IRMapping &map) {
  SmallVector<Value> operands;
  for (Value operand : op.getOperands())
    operands.push_back(map.lookup(operand));
  Operation *copy = cloneAndInfer(builder, &op, operands);
  if (!copy)
    return failure();
  map.map(op.getResults(), copy->getResults());
  return success();
}

Value StepBuilder::batched(Value value) {
  if (isBatched(value.getType()) || isa<WeightsType>(value.getType()))
    return value;
  return builder.create<BatchBroadcastOp>(value.getLoc(), value, like);
}

Value StepBuilder::examples(Location loc) {
  return builder.create<BatchSizeOp>(loc, builder.getF64Type(), like);
}

Value StepBuilder::timesExamples(Value value) {
  Location loc = value.getLoc();
  auto scalar = RankedTensorType::get({}, getElementTypeOrSelf(value.getType()));
  return builder.create<MulOp>(loc, value, builder.create<SplatOp>(loc, scalar, examples(loc)));
}

SmallVector<Value> StepBuilder::loopCounters(const Scope &scope) {
  SmallVector<Value> counters;
  for (Operation *op = builder.getInsertionBlock()->getParentOp(); op; op = op->getParentOp())
    if (auto loop = dyn_cast<scf::ForOp>(op))
      counters.insert(counters.begin(), loop.getInductionVar());
  counters.erase(counters.begin(), counters.begin() + scope.loopsOutside);
  return counters;
}

LogicalResult StepBuilder::inlineOp(Operation &op, IRMapping &map, Scope &scope) {
  auto region = [&](Region &body, ValueRange arguments, ArrayRef<bool> wanted,
                    unsigned result) -> LogicalResult {
    FailureOr<SmallVector<Value>> values = inlineBlock(body.front(), arguments, scope, wanted);
    if (failed(values))
      return failure();
    map.map(op.getResult(0), (*values)[result]);
    return success();
  };
  auto atPoint = [&](Region &body, Value point) {
    SmallVector<Value> arguments(scope.values);
    arguments.push_back(batched(map.lookup(point)));
    bool outer = std::exchange(insideObjective, true);
    LogicalResult result = region(body, arguments, {}, 0);
    insideObjective = outer;
    return result;
  };
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case([&](LeafValueOp leaf) {
        map.map(leaf.getResult(), leaves[leaf.getLeafAttr().getAttr()]);
        return success();
      })
      .Case([&](WeightsOp weights) {
        map.map(weights.getResult(), this->weights.of(weights));
        return success();
      })
      .Case([&](WeightOp weight) {
        map.map(weight.getResult(),
                weights.tensor(map.lookup(weight.getWeights()), weight.getLeafAttr()));
        return success();
      })
      .Case([&](func::CallOp call) {
        auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
        SmallVector<Value> arguments;
        for (Value operand : call.getOperands())
          arguments.push_back(map.lookup(operand));
        // Its draws have the name of the problem that calls it and the counters of the loops; those
        // of a draw of the page have its name.
        auto draw = call->getAttrOfType<StringAttr>(kDrawAttr);
        Scope ofPage;
        if (draw) {
          ofPage.path = draw.str();
          ofPage.loopsOutside = loopCounters(ofPage).size();
        }
        Scope &inside = draw ? ofPage : scope;
        Key key;
        key.callee = callee;
        key.path = builder.getStringAttr(inside.path).getAsOpaquePointer();
        key.block = builder.getInsertionBlock();
        key.numbers = {static_cast<int64_t>(mode), statistics};
        key.arguments = arguments;
        FailureOr<Value> result = once(std::move(key), callee.getBody().front(), arguments, inside);
        if (succeeded(result))
          map.map(call.getResult(0), *result);
        return success(succeeded(result));
      })
      .Case([&](ApplyOp apply) {
        FailureOr<Value> result =
            this->apply(apply, map.lookup(apply.getWeights()), map.lookup(apply.getInput()), scope);
        if (succeeded(result))
          map.map(apply.getResult(), *result);
        return success(succeeded(result));
      })
      .Case([&](LogitsOp logits) {
        auto head = symbols.lookup<HeadOp>(logits.getHead());
        SmallVector<Value> arguments{map.lookup(logits.getWeights()), map.lookup(logits.getZ())};
        for (Value number : logits.getNumbers())
          arguments.push_back(map.lookup(number));
        Value label = logits.getLabel();
        arguments.push_back(label ? map.lookup(label) : Value());
        bool given = label != nullptr;
        return region(head.getBody(), arguments, {!given, given}, given);
      })
      .Case([&](ObjectiveOp objective) {
        return atPoint(scope.adversary.getObjective(), objective.getPoint());
      })
      .Case([&](HitOp hit) {
        if (scope.adversary.getUntil().empty()) {
          // Nothing is asked for, so no point meets it.
          map.map(hit.getResult(), batched(truth(false, op.getLoc())));
          return success();
        }
        return atPoint(scope.adversary.getUntil(), hit.getPoint());
      })
      .Case([&](DrawOp draw) {
        this->draw(draw, map, scope);
        return success();
      })
      .Case([&](TakeExamplesOp take) {
        Value value = map.lookup(take.getInput());
        if (isBatched(value.getType()))
          return inferred(op, map);
        map.map(take.getResult(), value); // the same for all examples
        return success();
      })
      .Case([&](BatchSumOp sum) {
        Value value = map.lookup(sum.getInput());
        if (isBatched(value.getType()))
          return inferred(op, map);
        map.map(sum.getResult(), timesExamples(value));
        return success();
      })
      .Case([&](BatchSizeOp) {
        map.map(op.getResult(0), examples(op.getLoc()));
        return success();
      })
      .Case([&](BatchNormOp norm) { return batchNorm(norm, map); })
      .Case([&](DropoutOp dropout) {
        this->dropout(dropout, map, scope);
        return success();
      })
      .Case([&](GradientOp gradient) {
        LogicalResult result = inferred(op, map);
        if (succeeded(result) && watchesGradients && scope.adversary && !insideObjective)
          watchGradient(map.lookup(gradient.getResult(0)));
        return result;
      })
      .Case([&](scf::ForOp loop) { return this->loop(loop, map, scope); })
      .Default([&](Operation *) { return inferred(op, map); });
}

FailureOr<Value> StepBuilder::once(Key key, Block &block, ValueRange arguments, Scope &scope) {
  if (auto known = emitted.find(key); known != emitted.end())
    return known->second;
  FailureOr<SmallVector<Value>> values = inlineBlock(block, arguments, scope);
  if (failed(values))
    return failure();
  remember(std::move(key), values->front());
  return values->front();
}

void StepBuilder::remember(Key key, Value value) {
  if (emitted.try_emplace(key, value).second)
    inOrder.push_back(std::move(key));
}

void StepBuilder::forgetFrom(size_t count) {
  for (const Key &key : llvm::drop_begin(inOrder, count))
    emitted.erase(key);
  inOrder.resize(count);
}

StepBuilder::Key StepBuilder::forwardKey(ApplyOp op, Value weights, Value input) {
  Key key;
  key.callee = symbols.lookup<NetworkOp>(op.getNetwork());
  // A training forward changes the statistics itself.
  key.numbers = {static_cast<int64_t>(op.getMode()), static_cast<int64_t>(op.getOccurrence()),
                 op.getMode() == ModelMode::eval ? statistics : 0};
  key.arguments = {input};
  if (!this->weights.areOwn(weights))
    key.arguments.append(this->weights.tensors(weights));
  return key;
}

FailureOr<Value> StepBuilder::apply(ApplyOp op, Value weights, Value input, Scope &scope) {
  auto callee = symbols.lookup<NetworkOp>(op.getNetwork());
  input = batched(input);
  Key key = forwardKey(op, weights, input);
  bool isDone = emitted.count(key);
  if (Value origin = origins.lookup(input); origin && !isDone && op.getMode() != ModelMode::eval) {
    // Equal values have one forward, which updates statistics and draws masks once. This one is
    // there to be differentiated.
    FailureOr<Value> result = apply(op, weights, origin, scope);
    if (failed(result))
      return failure();
    Value copy = copied(*result, origin, input);
    if (copy != *result)
      origins[copy] = *result;
    remember(std::move(key), copy);
    return copy;
  }
  ModelMode outerMode = std::exchange(mode, op.getMode());
  if (!isDone && mode != ModelMode::eval)
    ++forwardCount;
  FailureOr<Value> result =
      once(std::move(key), callee.getForward().front(), {weights, input}, scope);
  mode = outerMode;
  return result;
}

Value StepBuilder::copied(Value value, Value from, Value to) {
  IRMapping copies;
  copies.map(from, to);
  Operation *last = value.getDefiningOp();
  if (!last)
    return copies.lookupOrDefault(value);
  auto reads = [&](Operation &op) {
    return op
        .walk([&](Operation *nested) {
          bool reads = llvm::any_of(nested->getOperands(),
                                    [&](Value operand) { return copies.contains(operand); });
          return reads ? WalkResult::interrupt() : WalkResult::advance();
        })
        .wasInterrupted();
  };
  // What was emitted for one forward is in one block.
  Block &block = *last->getBlock();
  llvm::SetVector<Operation *> needed =
      slice(block, value, /*withEffects=*/false, /*onlyDifferentiated=*/true);
  for (Operation &op : block) {
    if (needed.contains(&op) && reads(op))
      builder.clone(op, copies);
    if (&op == last)
      break;
  }
  return copies.lookupOrDefault(value);
}

LogicalResult StepBuilder::batchNorm(BatchNormOp op, IRMapping &map) {
  if (failed(inferred(*op, map)))
    return failure();
  auto copy = map.lookup(op.getResult()).getDefiningOp<BatchNormOp>();
  copy.setMode(mode);
  if (mode != ModelMode::train)
    return success();
  if (momentum)
    copy.getMomentumMutable().assign(momentum);
  auto remember = [&](Value running, Value next) {
    if (auto leaf = running.getDefiningOp<LeafValueOp>())
      leaves[leaf.getLeafAttr().getAttr()] = next;
    ++statistics;
  };
  remember(op.getRunningMean(), copy.getNewMean());
  remember(op.getRunningVar(), copy.getNewVar());
  return success();
}

void StepBuilder::dropout(DropoutOp op, IRMapping &map, const Scope &scope) {
  std::string stream = (op.getStream() + "#" + Twine(forwardCount)).str();
  auto copy = builder.create<DropoutOp>(op.getLoc(), mode, map.lookup(op.getInput()),
                                        map.lookup(op.getProbability()), index, loopCounters(scope),
                                        stream);
  map.map(op.getResult(), copy.getResult());
}

void StepBuilder::draw(DrawOp op, IRMapping &map, Scope &scope) {
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(op.getType());
  Value key = index;
  if (op.getPerBatch() && batchNumber)
    key = batchNumber();
  else if (op.getPerBatch())
    key = builder.create<ConstantOp>(loc, RankedTensorType::get({}, builder.getI64Type()), 0.0);
  SmallVector<Value> counters;
  if (!op.getOfPage())
    counters = loopCounters(scope);
  auto element = TypeAttr::get(type.getElementType());
  auto shape = builder.getDenseI64ArrayAttr(type.getShape());
  auto stream = builder.getStringAttr(op.getOfPage() ? "draw " + op.getName()
                                                     : scope.path + "." + op.getName());
  UnitAttr held = scope.held ? builder.getUnitAttr() : UnitAttr();
  Value a = map.lookup(op.getA());
  Value b = map.lookup(op.getB());
  if (op.getDistribution() == "beta") {
    map.map(op.getResult(),
            builder.create<RandomBetaOp>(loc, key, counters, a, b, stream, shape, element, held)
                .getResult());
    return;
  }
  bool normal = op.getDistribution() == "normal";
  Value sample =
      normal ? builder.create<RandomNormalOp>(loc, key, counters, stream, shape, element, held)
                   .getResult()
             : builder.create<RandomUniformOp>(loc, key, counters, stream, shape, element, held)
                   .getResult();
  // uniform(a, b) = a + (b - a) u, normal(a, b) = a + b n.
  Value width = normal ? b : builder.create<arith::SubFOp>(loc, b, a).getResult();
  auto scalar = RankedTensorType::get({}, type.getElementType());
  Value scaled = builder.create<MulOp>(loc, sample, builder.create<SplatOp>(loc, scalar, width));
  map.map(op.getResult(),
          builder.create<AddOp>(loc, scaled, builder.create<SplatOp>(loc, scalar, a)).getResult());
}

LoopNeeds StepBuilder::needs(scf::ForOp op, const IRMapping &map, const Scope &scope) {
  // In eval a forward of the loop is its own: it may read statistics that the loop updates.
  auto forward = [&](ApplyOp apply, Value weights, Value input) {
    if (apply.getMode() == ModelMode::eval)
      return Value();
    auto known = emitted.find(forwardKey(apply, weights, input));
    if (Value origin = origins.lookup(input); origin && known == emitted.end())
      known = emitted.find(forwardKey(apply, weights, origin));
    return known == emitted.end() ? Value() : known->second;
  };
  return loopAnalysis.needs(op, {map, scope.adversary, scope.values, scope.shared, mode,
                                 insideObjective, weights, forward});
}

LogicalResult StepBuilder::loop(scf::ForOp op, IRMapping &map, Scope &scope) {
  Location loc = op.getLoc();
  LoopNeeds needs = this->needs(op, map, scope);
  SmallVector<Value> starts;
  for (auto [init, dependent] : llvm::zip(op.getInitArgs(), needs.dependent)) {
    Value start = map.lookup(init);
    if (isa<WeightsType>(start.getType()))
      llvm::append_range(starts, weights.tensors(start));
    else
      starts.push_back(dependent ? batched(start) : start);
  }
  size_t count = starts.size();
  SmallVector<StringAttr> carriedLeaves;
  bool watches = needs.takesGradient && watchesGradients && scope.adversary;
  for (auto &[leaf, value] : leaves)
    if (needs.statistics.contains(leaf) ||
        (watches && (leaf == vanishedFirst || leaf == tookGradient))) {
      carriedLeaves.push_back(leaf);
      starts.push_back(value);
    }

  auto copy =
      builder.create<scf::ForOp>(loc, map.lookup(op.getLowerBound()),
                                 map.lookup(op.getUpperBound()), map.lookup(op.getStep()), starts);
  Block *body = copy.getBody();
  if (!body->empty() && body->back().hasTrait<OpTrait::IsTerminator>())
    body->back().erase();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(body);
  IRMapping inner(map);
  inner.map(op.getInductionVar(), copy.getInductionVar());
  // Weights are carried as their tensors.
  auto carry = [&](ValueRange from, ValueRange to, IRMapping &into) {
    for (auto [value, init] : llvm::zip(from, op.getInitArgs())) {
      bool isSet = isa<WeightsType>(value.getType());
      size_t size = isSet ? weights.tensors(map.lookup(init)).size() : 1;
      into.map(value, isSet ? weights.with(map.lookup(init), to.take_front(size), loc) : to[0]);
      to = to.drop_front(size);
    }
  };
  carry(op.getRegionIterArgs(), copy.getRegionIterArgs(), inner);
  for (auto [i, leaf] : llvm::enumerate(carriedLeaves))
    leaves[leaf] = copy.getRegionIterArg(count + i);
  auto atEntry = leaves;
  size_t emittedBefore = inOrder.size();
  statistics += !carriedLeaves.empty();
  for (Operation &nested : op.getBody()->without_terminator())
    if (failed(inlineOp(nested, inner, scope)))
      return failure();
  forgetFrom(emittedBefore); // values of the loop stay in it
  statistics += !carriedLeaves.empty();

  SmallVector<Value> yields;
  for (auto [i, operand] : llvm::enumerate(op.getBody()->getTerminator()->getOperands())) {
    Value next = inner.lookup(operand), first = map.lookup(op.getInitArgs()[i]);
    if (isa<WeightsType>(next.getType())) {
      llvm::append_range(yields, weights.tensors(next));
      continue;
    }
    // The types of what was emitted are what decides; they agree with what was found.
    bool dependent = isBatched(next.getType()) || isBatched(first.getType());
    if (dependent != needs.dependent[i])
      return op.emitOpError("carries value ")
             << i << ", which was found to be "
             << (dependent ? "the same for all examples" : "one of each example")
             << " before the loop was emitted";
    yields.push_back(dependent ? batched(next) : next);
  }
  for (auto &[leaf, value] : leaves)
    if (value != atEntry[leaf] && !llvm::is_contained(carriedLeaves, leaf))
      return op.emitOpError("updates ") << leaf << ", which was not found before it was emitted";
  for (StringAttr leaf : carriedLeaves)
    yields.push_back(leaves[leaf]);
  builder.create<scf::YieldOp>(loc, yields);
  builder.setInsertionPointAfter(copy);
  carry(op.getResults(), copy.getResults(), map);
  for (auto [i, leaf] : llvm::enumerate(carriedLeaves)) {
    Value result = copy.getResult(count + i);
    if (isa<FloatType>(
            getElementTypeOrSelf(result.getType()))) // statistics: no gradient's business
      result = builder.create<StopGradientOp>(loc, result);
    leaves[leaf] = result;
  }
  return success();
}

LogicalResult StepBuilder::shareForwards(AdversaryOp op, Scope &scope) {
  Block &block = op.getObjective().front();
  Value candidate = block.getArguments().back();
  IRMapping map;
  for (auto [parameter, value] : llvm::zip(block.getArguments().drop_back(), scope.values))
    map.map(parameter, value);
  // In order of the text, each with what it needs.
  for (Operation &top : block.without_terminator()) {
    auto apply = dyn_cast<ApplyOp>(top);
    if (!apply || apply.getMode() == ModelMode::eval)
      continue;
    llvm::SetVector<Operation *> needed = slice(block, apply.getResult(), /*withEffects=*/false);
    bool depends = llvm::any_of(needed, [&](Operation *needs) {
      return llvm::is_contained(needs->getOperands(), candidate);
    });
    if (depends)
      continue;
    for (Operation &nested : block.without_terminator())
      if (needed.contains(&nested) && !scope.shared.count(&nested)) {
        if (failed(inlineOp(nested, map, scope)))
          return failure();
        if (nested.getNumResults() == 1)
          scope.shared[&nested] = map.lookup(nested.getResult(0));
      }
  }
  return success();
}

void StepBuilder::watchGradient(Value gradient) {
  Location loc = gradient.getLoc();
  Type element = getElementTypeOrSelf(gradient.getType());
  auto constant = [&](double value) -> Value {
    return builder.create<ConstantOp>(loc, RankedTensorType::get({}, element), value);
  };
  // The sum of absolute values is zero, or not finite, where the gradient is: nothing
  // cancels, and what does not compare is a NaN.
  Value size = builder.create<ReduceSumOp>(loc, builder.create<AbsOp>(loc, gradient));
  Value moves = builder.create<CompareOp>(loc, ComparePredicate::gt, size, constant(0));
  Value finite =
      builder.create<CompareOp>(loc, ComparePredicate::le, size, constant(largest(element)));
  Value usable = builder.create<LogicalAndOp>(loc, moves, finite);
  Value vanished = batched(builder.create<LogicalNotOp>(loc, usable));
  Value &known = leaves[vanishedFirst];
  known = builder.create<SelectOp>(loc, leaves[tookGradient], known, vanished);
  leaves[tookGradient] = truth(true, loc);
}

void StepBuilder::moveTo(Value weights) {
  SmallVector<Value> tensors = this->weights.tensors(weights);
  for (auto [leaf, tensor] : llvm::zip(this->weights.leavesOf(weights), tensors))
    leaves[cast<FlatSymbolRefAttr>(leaf).getAttr()] = tensor;
}

Value StepBuilder::truth(bool value, Location loc) {
  return builder.create<ConstantOp>(loc, RankedTensorType::get({}, builder.getI1Type()), value);
}

Value StepBuilder::vanishing() {
  Value known = vanishedFirst ? leaves.lookup(vanishedFirst) : Value();
  return known && !known.getDefiningOp<BatchBroadcastOp>() ? known : Value();
}

FailureOr<Value> StepBuilder::adversary(AdversaryOp op, Scope &scope) {
  if (watchesGradients) {
    vanishedFirst = builder.getStringAttr("whether the solver's first gradient vanished");
    tookGradient = builder.getStringAttr("whether the solver took a gradient");
    leaves[vanishedFirst] = batched(truth(false, op.getLoc()));
    leaves[tookGradient] = truth(false, op.getLoc());
  }
  Scope inner;
  inner.path = op.getPath().str();
  inner.values = scope.values;
  inner.adversary = op;
  if (failed(shareForwards(op, inner)))
    return failure();
  // The objective may read the images that the solver begins at; what it moves is another value
  // from the start.
  SmallVector<Value> values = inner.values;
  for (auto [parameter, value] : llvm::zip(op.getSolver().getArguments(), values))
    if (isFloatTensor(value.getType()) && !parameter.use_empty()) {
      auto start = builder.create<StopGradientOp>(op.getLoc(), value);
      start->setAttr(kPointAttr, builder.getStringAttr(op.getVariable()));
      origins[start] = value;
      value = start;
    }
  FailureOr<SmallVector<Value>> point = inlineBlock(op.getSolver().front(), values, inner);
  if (failed(point))
    return failure();
  auto constant = [&](Value value) -> Value {
    return builder.create<StopGradientOp>(op.getLoc(), value);
  };
  Value found = point->front();
  if (!isa<WeightsType>(found.getType()))
    return constant(batched(found));
  SmallVector<Value> tensors = weights.tensors(found);
  for (Value &tensor : tensors)
    tensor = constant(tensor);
  return weights.with(found, tensors, op.getLoc());
}

} // namespace mlir::advx
