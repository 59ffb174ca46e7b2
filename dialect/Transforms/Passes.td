//===- Passes.td - Passes on the tensor tier --------------------------------===//

#ifndef ADVX_DIALECT_TRANSFORMS_PASSES_TD
#define ADVX_DIALECT_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def Decompose : Pass<"advx-decompose"> {
  let summary = "Replace ops that other ops define";
  let description = [{
    Softmax and its relatives, norms, normalisation, clips, max-pooling, batch
    normalisation and dropout become elementwise ops, reductions, gathers and draws.
    Maxima that only shift an exponent are constants of later derivatives; where a
    norm is 0, derivatives of any order are 0. Runs after batching and before
    differentiation.

    Example: test/transforms/decompose.mlir
  }];
  let dependentDialects = ["::mlir::advx::AdvxDialect", "::mlir::arith::ArithDialect"];
}

def Differentiate : Pass<"advx-differentiate"> {
  let summary = "Replace symbolic gradients by the ops that compute them";
  let description = [{
    Each `advx.gradient`, in program order, becomes the reverse of the ops between
    its values and its objective. Only what depends on a value of `wrt` is
    differentiated, and only by operands that do: nothing is emitted for a weight
    where an input is asked for. Integers, booleans and `advx.stop_gradient`, such as
    what a solver returns, are constants; a loop on the path is an error. The path
    may start outside the loop in which the gradient stands. A gradient of a gradient is found expanded, hence plain.

    The ops of a derivative carry the location of the op that they differentiate.

    Example: test/transforms/differentiate.mlir
  }];
  let dependentDialects = ["::mlir::advx::AdvxDialect"];
  let statistics = [Statistic<"numGradients", "num-gradients", "Gradients expanded">,
                    Statistic<"numReversed", "num-reversed", "Ops differentiated">];
}

def EraseStopGradient : Pass<"advx-erase-stop-gradient"> {
  let summary = "Remove advx.stop_gradient, once every gradient has been expanded";
  let description = [{
    Example: test/transforms/erase-stop-gradient.mlir
  }];
}

def Hoist : Pass<"advx-hoist"> {
  let summary = "Move what a loop does not change out of it";
  let description = [{
    Loop-invariant motion of pure ops, innermost loops first. A draw reads the
    counters of the loops that it varies with, so it stays in exactly these.

    Example: test/transforms/hoist.mlir
  }];
}

def ReduceExamplesFirst : Pass<"advx-reduce-examples-first"> {
  let summary = "Sum within an example before summing over the batch";
  let description = [{
    `reduce_sum(batch_sum(x))` becomes `batch_sum(reduce_sum(x))`: what the batch adds
    up is then as small as it can be.

    Example: test/transforms/reduce-examples-first.mlir
  }];
  let dependentDialects = ["::mlir::advx::AdvxDialect"];
}

def FactorSums : Pass<"advx-factor-sums"> {
  let summary = "Take out of a sum over the batch what makes it wait for another one";
  let description = [{
    Where every example has a factor c that waits for a sum over the batch, the sum of
    c x over the batch would be one more pass over x. `batch_sum(c * x)` becomes
    `c * batch_sum(x)`, also through a sum over axes along which c repeats; sums and
    differences are split where a part has such a factor. Done only if all of the sums
    that are left wait for fewer others than before. Follows
    `advx-reduce-examples-first`; leaves dead ops to `advx-clean`.

    Example: test/transforms/factor-sums.mlir
  }];
  let dependentDialects = ["::mlir::advx::AdvxDialect"];
  let statistics = [Statistic<"numFactored", "num-factored", "Sums taken apart">];
}

def EndLoops : Pass<"advx-end-loops"> {
  let summary = "Find loops that change nothing once every example has stopped";
  let description = [{
    A solver's `stop when` becomes truth values that a loop carries and that keep what
    else it carries. Where all of them being true makes the body hand on each carried
    value as it came, the loop gets an `advx.end_loop`. This follows from the ops on
    the way from the carried values to the yielded ones: `select`, `logical_or`,
    `logical_and`, `logical_not`. Loops whose other ops have effects are left alone.

    Example: test/transforms/end-loops.mlir
  }];
  let dependentDialects = ["::mlir::advx::AdvxDialect"];
  let statistics = [Statistic<"numLoops", "num-loops", "Loops that may end early">];
}

def Partition : Pass<"advx-partition", "ModuleOp"> {
  let summary = "Cut a step into library ops and clusters";
  let description = [{
    In functions with `advx.step`, every tensor op that no library computes becomes
    part of an `advx.cluster`. Clusters grow along data dependences while one kernel
    can hold them (dialect/Transforms/Partition/MergeRules.h) and nothing outside
    stands between their ops; then along tensors that several of them read. Cheap ops
    are computed again where this saves a tensor in memory. All updates of the state
    are one cluster.

    Example: test/transforms/partition.mlir
  }];
  let dependentDialects = ["::mlir::advx::AdvxDialect"];
  let options = [Option<"remarks", "remarks", "bool", /*default=*/"false",
                        "Report each cluster, what cut it off, and what stays in loops">];
  let statistics = [Statistic<"numClusters", "num-clusters", "Clusters formed">];
}

def InlineClusters : Pass<"advx-inline-clusters"> {
  let summary = "Put the ops of clusters back in the clusters' place";
  let description = [{
    The opposite of partitioning: the same values, each op again a call of the
    runtime. Kernels are compared with it.

    Example: test/transforms/inline-clusters.mlir
  }];
}

def ChannelsLast : Pass<"advx-channels-last"> {
  let summary = "Store images with their channels innermost";
  let description = [{
    In functions with `advx.step`, every per-example [C, H, W] that hangs together with
    a convolution or a pooling becomes [H, W, C], the convolutions and poolings become
    `channels_last`, and axes are renumbered. What a loop carries changes too, so that
    transposes stand outside; they are reshapes where there is one channel or one
    place. A transpose between an image and a product with a matrix moves to the
    matrix, where it can leave loops. Runs once gradients are expanded and before
    `advx-fuse-epilogues`; leaves canonical forms and common subexpressions to
    `advx-clean`.

    Example: test/transforms/channels-last.mlir
  }];
  let dependentDialects = ["::mlir::advx::AdvxDialect"];
  let statistics = [Statistic<"numValues", "num-values", "Values in the other layout">];
}

def FuseEpilogues : Pass<"advx-fuse-epilogues"> {
  let summary = "Let convolutions add their bias and cut off below 0";
  let description = [{
    `relu(conv2d(x, w) + bias)` becomes `conv2d ... bias ... relu`, and without a relu
    the sum alone does. A comparison of the sum with 0 is the same comparison of the
    relu; with no other reader the sum is never stored.

    Example: test/transforms/fuse-epilogues.mlir
  }];
  let dependentDialects = ["::mlir::advx::AdvxDialect"];
  let statistics = [Statistic<"numBiases", "num-biases", "Biases fused">,
                    Statistic<"numRelus", "num-relus", "Relus fused">];
}

def AssignProviders : Pass<"advx-assign-providers"> {
  let summary = "Choose who computes each library op, and how";
  let description = [{
    Gives every convolution and matrix product outside clusters the attributes
    `provider` and `algorithm`, by the rules at the head of AssignProviders.cpp:
    element type and shape decide. An op that has a provider keeps it.

    Example: test/transforms/assign-providers.mlir
  }];
  let options = [Option<"aten", "aten", "bool", /*default=*/"false",
                        "The runtime has the provider `aten`, which needs LibTorch">];
}

def VerifyStage : Pass<"advx-verify-stage"> {
  let summary = "Fail on ops that a stage has no place for";
  let description = [{
    Stage `decomposed` has no composite op; `differentiated` moreover no gradient and
    no stop_gradient. In both, tensors have a known shape, and a sum over the batch
    has a batch to sum over.

    Example: test/transforms/verify-stage.mlir
  }];
  let options = [Option<"stage", "stage", "std::string", /*default=*/"\"differentiated\"",
                        "`decomposed` or `differentiated`">];
}

#endif // ADVX_DIALECT_TRANSFORMS_PASSES_TD
