//===- LoopNeeds.cpp - What a loop of the page carries once it has the batch ===//

#include "dialect/Conversion/LoopNeeds.h"
#include "dialect/IR/AdvxTypes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/TypeSwitch.h"

#include <deque>

namespace mlir::advx {

namespace {

/// The block that an op is inlined as.
struct Inlining {
  Block *block = nullptr; ///< Null for an op that is not inlined.
  /// What the last arguments of the block stand for; null for one that is not given.
  SmallVector<Value> arguments;
  /// The arguments before them are x, y and the variables of earlier problems.
  bool inScope = false;
  /// The argument is given the batch axis if it has none.
  bool batches = false;
  unsigned result = 0; ///< Which of the block's results is the op's.
};

Inlining inliningOf(Operation *op, SymbolTable &symbols, AdversaryOp adversary) {
  return llvm::TypeSwitch<Operation *, Inlining>(op)
      .Case([&](func::CallOp call) {
        Block &body = symbols.lookup<func::FuncOp>(call.getCallee()).getBody().front();
        return Inlining{&body, SmallVector<Value>(call.getOperands())};
      })
      .Case([&](ApplyOp apply) {
        Block &forward = symbols.lookup<NetworkOp>(apply.getNetwork()).getForward().front();
        return Inlining{&forward, {apply.getWeights(), apply.getInput()}, false, /*batches=*/true};
      })
      .Case([&](LogitsOp logits) {
        SmallVector<Value> arguments{logits.getWeights(), logits.getZ()};
        llvm::append_range(arguments, logits.getNumbers());
        arguments.push_back(logits.getLabel());
        Block &body = symbols.lookup<HeadOp>(logits.getHead()).getBody().front();
        return Inlining{&body, arguments, false, false, logits.getLabel() ? 1u : 0u};
      })
      .Case<ObjectiveOp, HitOp>([&](auto at) {
        Region &region = isa<ObjectiveOp>(op) ? adversary.getObjective() : adversary.getUntil();
        return Inlining{region.empty() ? nullptr : &region.front(), {at.getPoint()}, true, true};
      })
      .Default([](Operation *) { return Inlining(); });
}

} // namespace

LoopAnalysis::LoopAnalysis(SymbolTable &symbols, ProgramOp program) : symbols(symbols) {
  if (program)
    for (TableOp table : program.all<TableOp>())
      tables.insert(table.getSymNameAttr());
}

//===----------------------------------------------------------------------===//
// What depends on the example
//===----------------------------------------------------------------------===//

/// The values of one block, and of the loops in it, that depend on the example. Each op is visited
/// once in the order of the text and again when one of its operands turns out to depend, which an
/// operand does once: whatever is nested in what, there are no more visits than ops and uses.
class LoopAnalysis::Dependence {
public:
  Dependence(LoopAnalysis &analysis, Block &block, const Place &place)
      : analysis(analysis), block(block), place(place) {
    block.walk<WalkOrder::PreOrder>([&](Operation *op) { enqueue(op); });
  }

  void mark(Value value) {
    if (isa<TensorType>(value.getType()) && dependent.insert(value).second)
      llvm::for_each(value.getUsers(), [&](Operation *user) { enqueue(user); });
  }

  bool depends(Value value) const {
    if (!value || dependent.contains(value))
      return value != nullptr;
    Value before = place.values.lookupOrNull(value);
    return before && isBatched(before.getType());
  }

  void run() {
    while (!work.empty()) {
      Operation *op = work.front();
      work.pop_front();
      waiting.erase(op);
      visit(op);
    }
  }

private:
  void enqueue(Operation *op) {
    if (waiting.insert(op).second)
      work.push_back(op);
  }

  /// What enters a loop, or leaves one pass, is in the next pass and in the result.
  void carry(scf::ForOp loop, ValueRange values) {
    bool isInside = block.findAncestorOpInBlock(*loop);
    for (auto [i, value] : llvm::enumerate(values))
      if (depends(value)) {
        mark(loop.getRegionIterArg(i));
        if (isInside)
          mark(loop.getResult(i));
      }
  }

  void visit(Operation *op) {
    Inlining inlining = inliningOf(op, analysis.symbols, place.adversary);
    if (inlining.block) {
      std::vector<bool> arguments;
      if (inlining.inScope)
        for (Value value : place.scope)
          arguments.push_back(isBatched(value.getType()));
      for (Value value : inlining.arguments)
        arguments.push_back(inlining.batches || depends(value));
      if (analysis.results(*inlining.block, arguments, place)[inlining.result])
        mark(op->getResult(0));
      return;
    }
    llvm::TypeSwitch<Operation *>(op)
        .Case([&](scf::ForOp loop) { carry(loop, loop.getInitArgs()); })
        .Case([&](scf::YieldOp yield) {
          carry(cast<scf::ForOp>(yield->getParentOp()), yield.getOperands());
        })
        // Sums and weights are the same for all examples.
        .Case<BatchSumOp, BatchSizeOp, WeightsOp>([](Operation *) {})
        .Case([&](LeafValueOp leaf) {
          if (analysis.tables.contains(leaf.getLeafAttr().getAttr()))
            mark(leaf.getResult());
        })
        .Case([&](BatchNormOp norm) {
          if (depends(norm.getInput()))
            mark(norm.getResult());
        })
        // The example's index keys the draws.
        .Case([&](DrawOp draw) {
          if (!draw.getPerBatch())
            mark(draw.getResult());
        })
        .Case([&](DropoutOp dropout) { mark(dropout.getResult()); })
        // A gradient is like what it is taken by.
        .Case([&](GradientOp gradient) {
          for (auto [by, result] : llvm::zip(gradient.getWrt(), gradient.getResults()))
            if (depends(by))
              mark(result);
        })
        .Default([&](Operation *) {
          if (llvm::any_of(op->getOperands(), [&](Value operand) { return depends(operand); }))
            llvm::for_each(op->getResults(), [&](Value result) { mark(result); });
        });
  }

  LoopAnalysis &analysis;
  Block &block;
  const Place &place;
  DenseSet<Value> dependent;
  std::deque<Operation *> work;
  DenseSet<Operation *> waiting; ///< the ops of `work`
};

const std::vector<bool> &LoopAnalysis::results(Block &block, const std::vector<bool> &arguments,
                                               const Place &place) {
  auto [entry, isNew] = known.try_emplace({place.adversary, &block, arguments});
  std::vector<bool> &results = entry->second;
  if (!isNew)
    return results;
  Dependence values(*this, block, place);
  for (auto [argument, depends] : llvm::zip(block.getArguments(), arguments))
    if (depends)
      values.mark(argument);
  values.run();
  for (Value result : block.getTerminator()->getOperands())
    results.push_back(values.depends(result));
  return results;
}

//===----------------------------------------------------------------------===//
// What is updated
//===----------------------------------------------------------------------===//

/// Collects what blocks do beside computing values. Follows which emitted value a value is, since a
/// forward that has been emitted already is not emitted again.
class LoopAnalysis::Effects {
public:
  Effects(LoopAnalysis &analysis, const Place &place, LoopNeeds &needs)
      : analysis(analysis), place(place), needs(needs) {}

  /// Answers the emitted values that the block's results are; null for those of the loop.
  SmallVector<Value> visit(Block &block, ArrayRef<Value> arguments, ModelMode mode,
                           bool insideObjective) {
    Key key{&block, mode, insideObjective, {}};
    for (Value argument : arguments)
      std::get<3>(key).push_back(argument.getAsOpaquePointer());
    if (auto known = visited.find(key); known != visited.end())
      return known->second;
    DenseMap<Value, Value> emitted;
    for (auto [parameter, argument] : llvm::zip(block.getArguments(), arguments))
      emitted[parameter] = argument;
    auto lookup = [&](Value value) -> Value {
      if (!value)
        return value;
      Value here = emitted.lookup(value);
      return here ? here : place.values.lookupOrNull(value);
    };
    block.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (Value shared = place.shared.lookup(op))
        emitted[op->getResult(0)] = shared;
      else if (auto weights = dyn_cast<WeightsOp>(op))
        emitted[weights] = place.weights.of(weights);
      else if (auto norm = dyn_cast<BatchNormOp>(op); norm && mode == ModelMode::train)
        update(norm);
      else if (isa<GradientOp>(op))
        needs.takesGradient |= !insideObjective;
      else if (Inlining inlining = inliningOf(op, analysis.symbols, place.adversary);
               inlining.block)
        emitted[op->getResult(0)] = inlined(op, inlining, lookup, mode, insideObjective);
    });
    SmallVector<Value> results;
    for (Value result : block.getTerminator()->getOperands())
      results.push_back(lookup(result));
    return visited[key] = results;
  }

private:
  using Key = std::tuple<Block *, ModelMode, bool, std::vector<const void *>>;

  void update(BatchNormOp norm) {
    for (Value running : {norm.getRunningMean(), norm.getRunningVar()})
      if (auto leaf = running.getDefiningOp<LeafValueOp>())
        needs.statistics.insert(leaf.getLeafAttr().getAttr());
  }

  Value inlined(Operation *op, const Inlining &inlining, function_ref<Value(Value)> lookup,
                ModelMode mode, bool insideObjective) {
    SmallVector<Value> arguments;
    if (inlining.inScope)
      llvm::append_range(arguments, place.scope);
    for (Value value : inlining.arguments) {
      Value before = lookup(value);
      bool isNew = inlining.batches && before && isa<TensorType>(before.getType()) &&
                   !isBatched(before.getType());
      arguments.push_back(isNew ? Value() : before);
    }
    if (auto apply = dyn_cast<ApplyOp>(op)) {
      mode = apply.getMode();
      if (arguments[0] && arguments[1])
        if (Value features = place.forward(apply, arguments[0], arguments[1]))
          return features;
    }
    insideObjective |= inlining.inScope;
    return visit(*inlining.block, arguments, mode, insideObjective)[inlining.result];
  }

  LoopAnalysis &analysis;
  const Place &place;
  LoopNeeds &needs;
  std::map<Key, SmallVector<Value>> visited;
};

LoopNeeds LoopAnalysis::needs(scf::ForOp loop, const Place &place) {
  LoopNeeds needs;
  Block &body = *loop.getBody();
  Dependence values(*this, body, place);
  for (auto [init, argument] : llvm::zip(loop.getInitArgs(), loop.getRegionIterArgs()))
    if (values.depends(init))
      values.mark(argument);
  values.run();
  for (Value argument : loop.getRegionIterArgs())
    needs.dependent.push_back(values.depends(argument));
  Effects(*this, place, needs)
      .visit(body, SmallVector<Value>(body.getNumArguments()), place.mode, place.insideObjective);
  return needs;
}

} // namespace mlir::advx
