//===- Remarks.cpp - Why the partition is as it is -------------------------===//

#include "dialect/Transforms/Partition/Remarks.h"

#include "dialect/Transforms/Partition/MergeRules.h"

#include "mlir/Interfaces/LoopLikeInterface.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::advx;

namespace {

StringRef mnemonic(Operation *op) { return op->getName().stripDialect(); }

/// The text of a group: that of the op that it ends with.
Location placeOf(const FusionGroup &group) { return group.getOps().back()->getLoc(); }

Location placeOf(ClusterOp cluster) {
  return cluster.getBody().front().getTerminator()->getPrevNode()->getLoc();
}

std::string whyApart(const FusionGroup &producer, const FusionGroup &consumer, FusionGraph &graph,
                     const FusionRules &rules) {
  Refusal refusal = refuseVertical(producer, consumer, rules);
  if (!refusal.empty())
    return refusal.str();
  if (!graph.staysAcyclic(producer, consumer))
    return "a library op between them reads one and feeds the other";
  return "another kernel took it first";
}

/// The value of a loop around `op` on which it depends, be it through ops of the loop.
Value carriedValue(Operation *op, LoopLikeOpInterface loop) {
  llvm::DenseSet<Operation *> seen;
  SmallVector<Operation *> work{op};
  while (!work.empty()) {
    Operation *next = work.pop_back_val();
    for (Value operand : next->getOperands()) {
      if (auto argument = dyn_cast<BlockArgument>(operand);
          argument && argument.getOwner()->getParentOp() == loop)
        return argument;
      Operation *producer = operand.getDefiningOp();
      if (producer && loop->isProperAncestor(producer) && seen.insert(producer).second)
        work.push_back(producer);
    }
  }
  return {};
}

} // namespace

SmallVector<Cut> mlir::advx::cutsOf(const FusionGroup &group, FusionGraph &graph,
                                    const FusionRules &rules) {
  SmallVector<Cut> cuts;
  llvm::DenseSet<void *> reported;
  for (Value input : inputsOf(group)) {
    Operation *producer = input.getDefiningOp();
    if (!producer || producer->getBlock() != group.getOps().front()->getBlock())
      continue;
    if (FusionGroup *other = graph.groupOf(producer)) {
      if (reported.insert(other).second)
        cuts.push_back({placeOf(*other), "reads the kernel that ends here, apart from it: " +
                                             whyApart(*other, group, graph, rules)});
    } else if (roleOf(producer) == FusionRole::library && reported.insert(producer).second) {
      cuts.push_back({producer->getLoc(),
                      ("begins after " + mnemonic(producer) + ", which a library computes").str()});
    }
  }
  return cuts;
}

void mlir::advx::remarkCluster(ClusterOp cluster, ArrayRef<Cut> cuts) {
  SmallVector<StringRef> axes(cluster.getAxes().getAsValueRange<StringAttr>());
  InFlightDiagnostic remark = mlir::emitRemark(placeOf(cluster))
                              << stringifyKernelTemplate(cluster.getKernel()) << " kernel of "
                              << cluster.getBody().front().getOperations().size() - 1
                              << " ops over " << llvm::join(axes, ", ");
  for (const Cut &cut : cuts)
    remark.attachNote(cut.location) << cut.reason;
}

void mlir::advx::remarkLoops(Operation *function) {
  function->walk([](LoopLikeOpInterface loop) {
    for (Operation &op : loop.getLoopRegions()[0]->front()) {
      auto cluster = dyn_cast<ClusterOp>(op);
      if (!cluster && roleOf(&op) != FusionRole::library)
        continue;
      Value carried = carriedValue(&op, loop);
      if (!carried)
        continue;
      bool counter = loop.getSingleInductionVar() == carried;
      mlir::emitRemark(cluster ? placeOf(cluster) : op.getLoc())
          << (cluster ? "kernel" : mnemonic(&op)) << " in every iteration: it depends on "
          << (counter ? "the loop's counter" : "what the loop changes");
    }
  });
}
