#include "compiler/codegen/kernels/Parts.h"

#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

/// The ops that a value is computed from.
void collect(Value value, llvm::SetVector<Operation *> &ops) {
  Operation *op = value.getDefiningOp();
  if (!op || !ops.insert(op))
    return;
  for (Value operand : elementOperands(op))
    if (isa<ShapedType>(operand.getType()))
      collect(operand, ops);
}

} // namespace

std::vector<Part> partsOf(ClusterOp cluster) {
  std::vector<Part> parts;
  llvm::DenseSet<Value> seen;
  for (Value result : cluster.getYield()->getOperands()) {
    if (!seen.insert(result).second)
      continue;
    Part fresh;
    fresh.results.push_back(result);
    fresh.elements = exampleElements(result.getType());
    collect(result, fresh.ops);
    // Takes up every part that shares work with it.
    std::vector<Part> others;
    for (Part &part : parts) {
      bool shares = part.elements == fresh.elements && llvm::any_of(part.ops, [&](Operation *op) {
                      return fresh.ops.contains(op) &&
                             exampleElements(op->getResult(0).getType()) == fresh.elements;
                    });
      if (!shares) {
        others.push_back(std::move(part));
        continue;
      }
      part.results.append(fresh.results);
      part.ops.insert(fresh.ops.begin(), fresh.ops.end());
      fresh = std::move(part);
    }
    others.push_back(std::move(fresh));
    parts = std::move(others);
  }
  return parts;
}

bool ignoresRows(const Part &part) {
  auto fits = [&](Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type)
      return true;
    if (isBatched(type))
      return exampleElements(type) == part.elements;
    Operation *op = value.getDefiningOp();
    return exampleElements(type) == 1 || (op && isa<ConstantOp>(op));
  };
  for (Operation *op : part.ops) {
    bool flat = isa<ElementwiseOpInterface>(op) || keepsElements(op) ||
                isa<ConstantOp, ConstantListOp, SplatOp, BroadcastOp>(op);
    if (!flat || !llvm::all_of(elementOperands(op), fits) || !fits(op->getResult(0)))
      return false;
    if (isa<BroadcastOp>(op) && exampleElements(op->getOperand(0).getType()) != part.elements &&
        isBatched(op->getOperand(0).getType()))
      return false;
  }
  return true;
}

} // namespace advx::codegen
