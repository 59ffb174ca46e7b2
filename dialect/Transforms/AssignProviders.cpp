//===- AssignProviders.cpp - Who computes a library op ----------------------===//
//
// One table of rules, tried from the top. To add a provider: its functions in
// runtime/library, and a rule here; see docs/how-to/add-a-provider.md.
//
//===------------------------------------------------------------------------===//

#include "dialect/IR/AdvxOps.h"
#include "dialect/Transforms/Passes.h"

#include "mlir/IR/TypeUtilities.h"

namespace mlir::advx {
#define GEN_PASS_DEF_ASSIGNPROVIDERS
#include "dialect/Transforms/Passes.h.inc"
} // namespace mlir::advx

using namespace mlir;
using namespace mlir::advx;

namespace {

/// What the rules look at.
struct LibraryOp {
  Operation *op;
  Type elements;
  /// The matrix of a product, the weight of a convolution.
  ArrayRef<int64_t> weight;
  bool channelsLast = false;
  /// Whether the runtime has the provider.
  bool aten = false;

  bool isConvolution() const { return weight.size() == 4; }
};

struct Rule {
  const char *provider, *algorithm;
  bool (*applies)(const LibraryOp &);
};

/// With channels last and few input channels, lanes that are input channels stay empty in
/// oneDNN's input gradient; with one it is the forward that `advx` does better too.
/// bench/ops/bench_providers.cpp has the figures.
constexpr int64_t thinChannels = 4;

bool isThin(const LibraryOp &op) { return op.channelsLast && op.weight[1] <= thinChannels; }

/// ATen's products of f64 are BLAS's: two to five times as fast as plain loops for weights from
/// here on, and as fast as they for smaller ones, which are not worth loading LibTorch for.
/// `bench-providers 1 128 f64` has the figures.
constexpr int64_t atenWeights = 1024;

bool isForAten(const LibraryOp &op) {
  return op.aten && op.elements.isF64() && ShapedType::getNumElements(op.weight) >= atenWeights;
}

constexpr Rule rules[] = {
    {"aten", "im2col", [](const LibraryOp &op) { return isForAten(op) && op.isConvolution(); }},
    {"aten", "gemm", [](const LibraryOp &op) { return isForAten(op); }},
    {"plain", "direct", [](const LibraryOp &op) { return !op.elements.isF32(); }},
    {"advx", "direct",
     [](const LibraryOp &op) { return isa<Conv2dInputGradOp>(op.op) && isThin(op); }},
    {"advx", "direct",
     [](const LibraryOp &op) { return isa<Conv2dOp>(op.op) && isThin(op) && op.weight[1] == 1; }},
    {"onednn", "direct", [](const LibraryOp &op) { return op.isConvolution(); }},
    {"onednn", "sgemm", [](const LibraryOp &) { return true; }},
};

template <typename Op> void assign(Op op, const LibraryOp &seen) {
  if (op.getProvider())
    return;
  for (const Rule &rule : rules)
    if (rule.applies(seen)) {
      op.setProvider(rule.provider);
      op.setAlgorithm(rule.algorithm);
      return;
    }
}

struct AssignProviders : advx::impl::AssignProvidersBase<AssignProviders> {
  using AssignProvidersBase::AssignProvidersBase;

  /// `weight` is the operand or result of a weight's shape.
  LibraryOp seenAs(Operation *op, Value weight) {
    return {op, getElementTypeOrSelf(weight), exampleShape(weight.getType()), false, aten};
  }

  template <typename Op> void assignConvolution(Op op, Value weight) {
    LibraryOp seen = seenAs(op, weight);
    seen.channelsLast = op.getChannelsLast();
    assign(op, seen);
  }

  void runOnOperation() override {
    getOperation()->walk<WalkOrder::PreOrder>([this](Operation *op) {
      // A product in a cluster is the kernel's own.
      if (isa<ClusterOp>(op))
        return WalkResult::skip();
      if (auto product = dyn_cast<MatvecOp>(op))
        assign(product, seenAs(op, product.getMatrix()));
      else if (auto outer = dyn_cast<OuterOp>(op))
        assign(outer, seenAs(op, outer.getResult()));
      else if (auto matmul = dyn_cast<MatmulOp>(op))
        assign(matmul, seenAs(op, matmul.getRhs()));
      else if (auto forward = dyn_cast<Conv2dOp>(op))
        assignConvolution(forward, forward.getWeight());
      else if (auto byInput = dyn_cast<Conv2dInputGradOp>(op))
        assignConvolution(byInput, byInput.getWeight());
      else if (auto byWeight = dyn_cast<Conv2dWeightGradOp>(op))
        assignConvolution(byWeight, byWeight.getResult());
      return WalkResult::advance();
    });
  }
};

} // namespace
