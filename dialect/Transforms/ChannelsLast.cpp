//===- ChannelsLast.cpp - Images with their channels innermost --------------===//
//
// Values that ops tie to one order of axes form a group: the operands and results of
// an elementwise op, what a loop carries in one place. A group in which a convolution
// or a pooling works is turned to [H, W, C]; what is made or read by an op that takes
// no other order is transposed there. Everything else stays as it is.
//
//===------------------------------------------------------------------------===//

#include "dialect/Transforms/Passes.h"
#include "dialect/Transforms/Permutation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::advx {
#define GEN_PASS_DEF_CHANNELSLAST
#include "dialect/Transforms/Passes.h.inc"
} // namespace mlir::advx

using namespace mlir;
using namespace mlir::advx;

namespace {

/// Axis i of [H, W, C] is axis toLast[i] of [C, H, W]; toFirst is the way back.
constexpr ArrayRef<int64_t> toLast(ImageAxes::lastOfFirst);
constexpr int64_t toFirst[] = {2, 0, 1};

bool isImage(Value value) {
  return isa<RankedTensorType>(value.getType()) && isTensor(value.getType()) &&
         exampleRank(value.getType()) == 3;
}

/// A convolution or pooling of channels-first images.
bool isImageOp(Operation *op) {
  auto tensor = dyn_cast<TensorOpInterface>(op);
  return tensor && tensor.wantsChannelsLast();
}

/// Whether the op can work on images in the other order instead.
bool followsLayout(Operation *op) {
  auto tensor = dyn_cast<TensorOpInterface>(op);
  return tensor ? tensor.canPermuteAxes(toLast) : isa<scf::ForOp, scf::YieldOp>(op);
}

class Conversion {
public:
  explicit Conversion(func::FuncOp function) : function(function) {}

  /// Returns the number of values that changed their layout.
  int64_t run() {
    function.walk([&](Operation *op) { tie(op); });
    collect();
    for (Value value : chosen)
      convert(value);
    for (Operation *op : ops)
      if (auto tensor = dyn_cast<TensorOpInterface>(op); tensor && hasImage(op))
        tensor.permuteAxes(toLast);
    return static_cast<int64_t>(chosen.size());
  }

private:
  void tie(Operation *op) {
    if (!followsLayout(op))
      return;
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      for (auto [i, result] : llvm::enumerate(loop.getResults())) {
        if (!isImage(result))
          continue;
        tie(result, loop.getInitArgs()[i]);
        tie(result, loop.getRegionIterArg(i));
        tie(result, loop.getBody()->getTerminator()->getOperand(i));
      }
      return;
    }
    if (isa<scf::YieldOp>(op))
      return;
    Value first;
    auto visit = [&](Value value) {
      if (!isImage(value))
        return;
      if (!first)
        first = value;
      tie(first, value);
    };
    for (OpOperand &operand : op->getOpOperands())
      if (readsElements(operand))
        visit(operand.get());
    for (Value result : op->getResults())
      visit(result);
    if (first && isImageOp(op))
      wanted.push_back(first);
  }
  void tie(Value one, Value other) {
    groups.unionSets(one.getAsOpaquePointer(), other.getAsOpaquePointer());
  }

  /// The values of the groups in which an image op works, and the ops that tie them.
  void collect() {
    llvm::DenseSet<void *> leaders;
    for (Value value : wanted)
      leaders.insert(groups.getLeaderValue(value.getAsOpaquePointer()));
    auto visit = [&](Value value) {
      void *key = value.getAsOpaquePointer();
      if (groups.findValue(key) != groups.end() && leaders.contains(groups.getLeaderValue(key)))
        chosen.insert(value);
    };
    llvm::for_each(function.getArguments(), visit);
    function.walk([&](Operation *op) {
      llvm::for_each(op->getResults(), visit);
      for (Region &region : op->getRegions())
        if (op != function)
          llvm::for_each(region.getArguments(), visit);
    });
  }

  /// Whether whoever makes the value can make it in the other order.
  bool isMadeHere(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value))
      return isa<scf::ForOp>(argument.getOwner()->getParentOp());
    return followsLayout(value.getDefiningOp());
  }

  static Type lastType(Type type) {
    ArrayRef<int64_t> shape = exampleShape(type);
    return tensorType({shape[1], shape[2], shape[0]}, getElementTypeOrSelf(type), isBatched(type));
  }

  void convert(Value value) {
    bool isMade = isMadeHere(value);
    SmallVector<OpOperand *> turned, others;
    for (OpOperand &use : value.getUses()) {
      bool follows = followsLayout(use.getOwner());
      (follows ? turned : others).push_back(&use);
      if (follows)
        ops.insert(use.getOwner());
    }
    if (isMade && value.getDefiningOp())
      ops.insert(value.getDefiningOp());
    OpBuilder builder(function.getContext());
    builder.setInsertionPointAfterValue(value);
    if (isMade)
      value.setType(lastType(value.getType()));
    SmallVector<OpOperand *> &atBorder = isMade ? others : turned;
    if (atBorder.empty())
      return;
    Value transposed =
        permuteAxes(builder, value.getLoc(), value, isMade ? ArrayRef<int64_t>(toFirst) : toLast);
    for (OpOperand *use : atBorder)
      use->set(transposed);
  }

  static bool hasImage(Operation *op) {
    return llvm::any_of(op->getOperands(), isImage) || llvm::any_of(op->getResults(), isImage);
  }

  func::FuncOp function;
  llvm::EquivalenceClasses<void *> groups;
  SmallVector<Value> wanted;
  llvm::SetVector<Value> chosen;
  llvm::SetVector<Operation *> ops;
};

struct ChannelsLast : advx::impl::ChannelsLastBase<ChannelsLast> {
  void runOnOperation() override {
    getOperation()->walk([&](func::FuncOp function) {
      if (!function->hasAttr("advx.step"))
        return;
      numValues += Conversion(function).run();
      permuteWeights(function);
    });
  }
};

} // namespace
