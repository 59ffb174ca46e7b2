#include "compiler/codegen/kernels/Phases.h"

#include "compiler/codegen/kernels/Schedule.h"
#include "compiler/codegen/plan/Layout.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::advx;

namespace advx::codegen {
namespace {

void findPrologue(Phases &phases) {
  auto &wanted = phases.prologue;
  for (Operation *op : phases.before)
    if (isReduction(op) && !isa<FirstMaxMaskOp>(op))
      for (Operation *user : op->getUsers())
        if (!isa<YieldOp>(user) && isBatched(user->getResult(0).getType()))
          wanted.push_back(op->getResult(0));
  // A reduction may stand behind other ops without a batch.
  for (Operation *op : phases.before)
    if (!isReduction(op) && llvm::any_of(op->getUsers(), [](Operation *user) {
          return !isa<YieldOp>(user) && isBatched(user->getResult(0).getType());
        })) {
      llvm::SetVector<Operation *> behind;
      behind.insert(op);
      bool reduces = false;
      for (unsigned i = 0; i < behind.size(); ++i)
        for (Value operand : behind[i]->getOperands())
          if (Operation *maker = operand.getDefiningOp()) {
            behind.insert(maker);
            reduces |= isReduction(maker);
          }
      if (reduces)
        wanted.push_back(op->getResult(0));
    }
}

} // namespace

Phases phasesOf(ClusterOp cluster) {
  Phases phases;
  llvm::DenseSet<Value> late;
  for (Operation &op : cluster.getBody().front().without_terminator()) {
    if (auto sum = dyn_cast<BatchSumOp>(op)) {
      auto same = llvm::find_if(
          phases.sums, [&](BatchSumOp known) { return known.getInput() == sum.getInput(); });
      bool isNew = same == phases.sums.end();
      int64_t known = isNew ? 0 : phases.partialOffset[same - phases.sums.begin()];
      phases.sums.push_back(sum);
      late.insert(sum.getResult());
      if (!isNew) {
        phases.partialOffset.push_back(known);
        continue;
      }
      phases.partialOffset.push_back(phases.partialBytes);
      phases.partialBytes += llvm::alignTo(exampleBytes(sum.getType()), kStateAlignment);
      continue;
    }
    Type type = op.getResult(0).getType();
    if (!isa<ShapedType>(type))
      continue;
    if (isBatched(type)) {
      phases.rows.push_back(&op);
      phases.longest = std::max(phases.longest, exampleElements(type));
      if (auto product = dyn_cast<MatvecOp>(op))
        phases.longest = std::max(phases.longest, exampleElements(product.getVector().getType()));
      continue;
    }
    phases.after.push_back(&op);
    if (llvm::any_of(op.getOperands(), [&](Value v) { return late.contains(v); }))
      late.insert(op.getResult(0));
    else
      phases.before.push_back(&op);
  }
  for (Value argument : cluster.getBody().getArguments())
    if (isa<ShapedType>(argument.getType()) && isBatched(argument.getType()))
      phases.longest = std::max(phases.longest, exampleElements(argument.getType()));
  llvm::DenseSet<Value> seen;
  for (Value result : cluster.getYield()->getOperands())
    if (seen.insert(result).second)
      (isBatched(result.getType()) ? phases.rowResults : phases.afterResults).push_back(result);
  findPrologue(phases);
  return phases;
}

} // namespace advx::codegen
