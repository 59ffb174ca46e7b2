//===- EndLoops.cpp - Loops that change nothing once all have stopped -------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/Transforms/Passes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

#include <optional>

namespace mlir::advx {
#define GEN_PASS_DEF_ENDLOOPS
#include "dialect/Transforms/Passes.h.inc"
} // namespace mlir::advx

using namespace mlir;
using namespace mlir::advx;

namespace {

/// What values of a loop's body are if every entry of some that it carries is true.
class Stopped {
public:
  explicit Stopped(ArrayRef<BlockArgument> masks) {
    for (Value mask : masks)
      truths[mask] = true;
  }

  /// Whether all entries are true, or all false, if that follows.
  std::optional<bool> truth(Value value) {
    if (auto known = truths.find(value); known != truths.end())
      return known->second;
    std::optional<bool> result;
    if (Operation *op = value.getDefiningOp())
      result = TypeSwitch<Operation *, std::optional<bool>>(op)
                   .Case([&](LogicalOrOp either) { return combine(either, true); })
                   .Case([&](LogicalAndOp both) { return combine(both, false); })
                   .Case([&](LogicalNotOp opposite) { return negate(opposite.getInput()); })
                   .Case([&](ConstantOp constant) { return constantTruth(constant); })
                   .Default([](Operation *) { return std::nullopt; });
    truths[value] = result;
    return result;
  }

  /// The value that this one is equal to, if selects lead there.
  Value origin(Value value) {
    while (auto select = value.getDefiningOp<SelectOp>()) {
      std::optional<bool> condition = truth(select.getCondition());
      Value chosen = !condition ? nullptr : *condition ? select.getOnTrue() : select.getOnFalse();
      if (!chosen || chosen.getType() != value.getType())
        break; // one number for many entries is another value
      value = chosen;
    }
    return value;
  }

private:
  static std::optional<bool> constantTruth(ConstantOp constant) {
    if (!getElementTypeOrSelf(constant.getType()).isInteger(1))
      return std::nullopt;
    return constant.getValue().convertToDouble() != 0;
  }

  std::optional<bool> negate(Value value) {
    std::optional<bool> known = truth(value);
    return known ? std::optional(!*known) : std::nullopt;
  }

  /// Of two truths one decides if it is `decisive`; else both must be known.
  std::optional<bool> combine(Operation *op, bool decisive) {
    std::optional<bool> left = truth(op->getOperand(0)), right = truth(op->getOperand(1));
    if (left == decisive || right == decisive)
      return decisive;
    return left && right ? std::optional(!decisive) : std::nullopt;
  }

  llvm::DenseMap<Value, std::optional<bool>> truths;
};

bool isMask(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isInteger(1);
}

Value yielded(scf::ForOp loop, BlockArgument argument) {
  return loop.getTiedLoopYieldedValue(argument)->get();
}

/// Whether the mask is true everywhere after a run of the loop if it was before.
bool stays(scf::ForOp loop, BlockArgument mask) {
  return Stopped(mask).truth(yielded(loop, mask)) == true;
}

/// Whether a run of the loop hands on all that it carries as it came, once the masks are true
/// everywhere; each of them stays so.
bool keepsAll(scf::ForOp loop, ArrayRef<BlockArgument> masks) {
  Stopped stopped(masks);
  return llvm::all_of(loop.getRegionIterArgs(), [&](BlockArgument argument) {
    return llvm::is_contained(masks, argument) ||
           stopped.origin(yielded(loop, argument)) == argument;
  });
}

bool hasEffects(Operation *op) { return !isMemoryEffectFree(op) && !isa<EndLoopOp>(op); }

struct EndLoops : advx::impl::EndLoopsBase<EndLoops> {
  void runOnOperation() override {
    getOperation()->walk([&](scf::ForOp loop) {
      WalkResult effects = loop.getBody()->walk([](Operation *op) {
        return op->getNumRegions() == 0 && hasEffects(op) ? WalkResult::interrupt()
                                                          : WalkResult::advance();
      });
      if (!effects.wasInterrupted())
        end(loop);
    });
  }

private:
  /// One mask will do where it can; else all together that stay true by themselves.
  void end(scf::ForOp loop) {
    SmallVector<BlockArgument> masks;
    llvm::copy_if(loop.getRegionIterArgs(), std::back_inserter(masks), [&](BlockArgument argument) {
      return isMask(argument) && stays(loop, argument);
    });
    for (BlockArgument &mask : masks)
      if (keepsAll(loop, mask))
        return end(loop, mask);
    if (masks.size() > 1 && keepsAll(loop, masks))
      end(loop, masks);
  }

  void end(scf::ForOp loop, ArrayRef<BlockArgument> masks) {
    OpBuilder builder(loop.getBody()->getTerminator());
    Value done;
    for (BlockArgument mask : masks) {
      Value next = yielded(loop, mask);
      done = done ? builder.create<LogicalAndOp>(loop.getLoc(), done, next).getResult() : next;
    }
    builder.create<EndLoopOp>(loop.getLoc(), done);
    ++numLoops;
  }
};
} // namespace
