#ifndef ADVX_DIALECT_IR_PROBLEMOPS_TD
#define ADVX_DIALECT_IR_PROBLEMOPS_TD

//===- ProblemOps.td - The min-max problem, nothing decided ----------------===//
//
// The problem tier: an experiment is a symbol table of networks, heads, threats,
// adversaries, one outer problem and evaluations, beside the `advx.program` that has
// its data, settings and leaves.
// Everything in a region is for ONE example; types carry no batch axis.
// `advx-instantiate` turns it into batched functions of tensor-tier ops.
//
//===----------------------------------------------------------------------===//

include "dialect/IR/AdvxBase.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def Advx_WeightsType : TypeDef<Advx_Dialect, "Weights"> {
  let mnemonic = "weights";
  let summary = "weights that a network may be applied at";
  let description = [{
    A tensor for each leaf `of` the network: its own and those of heads on it.
    Running statistics are no weights, they are state. The type lives in the problem
    tier; `advx-instantiate` leaves the tensors.
  }];
  let parameters = (ins "::mlir::FlatSymbolRefAttr":$network);
  let assemblyFormat = "`<` $network `>`";
}

/// What a solver may move: an image, or the weights of a network.
def Advx_Point : AnyTypeOf<[AnyRankedTensor, Advx_WeightsType]>;

defvar Advx_UsesSymbols = DeclareOpInterfaceMethods<SymbolUserOpInterface>;

class Advx_ProblemOp<string mnemonic, list<Trait> traits = []>
    : Advx_Op<mnemonic, traits>;

class Advx_InExperiment<string mnemonic, list<Trait> traits = []>
    : Advx_ProblemOp<mnemonic, !listconcat(traits, [HasParent<"ExperimentOp">])>;

def Advx_ExperimentOp : Advx_ProblemOp<"experiment", [
    Symbol, SymbolTable, NoTerminator, SingleBlock, IsolatedFromAbove]> {
  let summary = "one page: a min-max problem and how it is evaluated";
  let description = [{
    A symbol table of everything the page declares. Functions of the page and of
    the library are `func.func`s in it, for one example.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
}

def Advx_YieldOp : Advx_ProblemOp<"yield", [Pure, Terminator, ReturnLike]> {
  let summary = "the values of a region of the problem tier";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

def Advx_SettingValueOp : Advx_ProblemOp<"setting_value", [Pure]> {
  let summary = "the value of a setting in force, rounded once where it is used";
  let arguments = (ins StrAttr:$path);
  let results = (outs F64:$result);
  let assemblyFormat = "$path attr-dict";
}

def Advx_ClockOp : Advx_ProblemOp<"clock", [Pure]> {
  let summary = "epoch, iteration, epochs or iterations";
  let description = [{
    `epoch` and `iteration` count completed ones from 0; `epochs` and
    `iterations` are the horizon.
  }];
  let arguments = (ins StrAttr:$hand);
  let results = (outs F64:$result);
  let assemblyFormat = "$hand attr-dict";
  let hasVerifier = 1;
}

def Advx_LeafValueOp : Advx_ProblemOp<"leaf_value", [Pure, Advx_UsesSymbols]> {
  let summary = "the value of a leaf at this point of the step";
  let description = [{
    Of running statistics, which training forwards before it have changed. Weights are
    read from the value that they are: `advx.weight`.
  }];
  let arguments = (ins FlatSymbolRefAttr:$leaf);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$leaf attr-dict `:` type($result)";
}

def Advx_WeightsOp : Advx_ProblemOp<"weights", [Pure, Advx_UsesSymbols]> {
  let summary = "the weights of a network, as the step found them";
  let arguments = (ins FlatSymbolRefAttr:$network);
  let results = (outs Advx_WeightsType:$result);
  let assemblyFormat = "$network attr-dict `:` qualified(type($result))";
}

def Advx_WeightOp : Advx_ProblemOp<"weight", [Pure, Advx_UsesSymbols]> {
  let summary = "one tensor of weights";
  let arguments = (ins Advx_WeightsType:$weights, FlatSymbolRefAttr:$leaf);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$weights `[` $leaf `]` attr-dict `:` functional-type($weights, $result)";
}

def Advx_WithWeightsOp : Advx_ProblemOp<"with_weights", [
    Pure, AllTypesMatch<["weights", "result"]>, Advx_UsesSymbols]> {
  let summary = "weights with some of the tensors replaced";
  let description = [{
    How perturbed, averaged and foreign weights are made: each tensor is computed like any
    other, and derivatives pass through the op to the tensors.
  }];
  let arguments = (ins Advx_WeightsType:$weights, FlatSymbolRefArrayAttr:$leaves,
                       Variadic<AnyRankedTensor>:$values);
  let results = (outs Advx_WeightsType:$result);
  let assemblyFormat = [{
    $weights $leaves `=` `(` $values `)` attr-dict `:`
    qualified(type($weights)) `,` type($values)
  }];
  let hasVerifier = 1;
}

def Advx_NetworkOp : Advx_InExperiment<"network", [Symbol, SingleBlock, IsolatedFromAbove]> {
  let summary = "features z(x) of one example";
  let description = [{
    Region arguments: the weights, x. Mode-dependent ops in the region (batch_norm,
    dropout) take their mode from the application.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region SizedRegion<1>:$forward);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $forward";
  let hasRegionVerifier = 1;
}

def Advx_ApplyOp : Advx_ProblemOp<"apply"> {
  let summary = "the features of x at weights, in a mode";
  let description = [{
    Applications of one network at equal weights to one value in one mode with one
    `occurrence` are one forward. In mode `train` a forward updates running statistics
    and is never dead.
  }];
  let arguments = (ins FlatSymbolRefAttr:$network, Advx_WeightsType:$weights,
                       AnyRankedTensor:$input, Advx_ModelMode:$mode, I64Attr:$occurrence);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $network `[` $weights `]` `(` $input `)` $mode `occurrence` $occurrence attr-dict `:`
    functional-type(operands, $result)
  }];
  let hasVerifier = 1;
}

def Advx_HeadOp : Advx_InExperiment<"head", [
    Symbol, SingleBlock, IsolatedFromAbove, Advx_UsesSymbols]> {
  let summary = "logits of features, and logits given the label";
  let description = [{
    Region arguments: the weights of the network, z, the numbers that calls may override
    (f64), y. It yields the logits and the logits given y.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$network);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name `on` $network attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
}

def Advx_LogitsOp : Advx_ProblemOp<"logits", [AttrSizedOperandSegments, Advx_UsesSymbols]> {
  let summary = "logits of a head at weights; with a label those it is trained with";
  let arguments = (ins FlatSymbolRefAttr:$head, Advx_WeightsType:$weights, AnyRankedTensor:$z,
                       Variadic<F64>:$numbers, Optional<AnyRankedTensor>:$label);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $head `[` $weights `]` `(` $z (`,` $numbers^)? `)` (`given` $label^ `:` type($label))? attr-dict
    `:` `(` qualified(type($weights)) `,` type($z) `)` `->` type($result)
  }];
}

def Advx_ThreatOp : Advx_InExperiment<"threat", [Symbol]> {
  let summary = "a feasible set, by what a solver may ask of it";
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$project,
                       OptionalAttr<FlatSymbolRefAttr>:$steepest,
                       OptionalAttr<FlatSymbolRefAttr>:$radius,
                       OptionalAttr<FlatSymbolRefAttr>:$start);
  let assemblyFormat = [{
    $sym_name `project` $project (`steepest` $steepest^)? (`radius` $radius^)? (`start` $start^)? attr-dict
  }];
}

def Advx_DrawOp : Advx_ProblemOp<"draw"> {
  let summary = "a sample for this example";
  let description = [{
    `uniform` in [a, b), `normal` with mean a and standard deviation b, or `beta` with the
    shapes a and b. The stream is the path of the enclosing problem and the name, and loops
    around the draw count; the draw `of_page` is one value in all problems of a step: its
    stream is `draw NAME`, and no loop counts.
  }];
  let arguments = (ins StrAttr:$name, StrAttr:$distribution, F64:$a, F64:$b, UnitAttr:$per_batch,
                       UnitAttr:$of_page);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $name $distribution `(` $a `,` $b `)` (`per_batch` $per_batch^)? (`of_page` $of_page^)?
    attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def Advx_AdversaryOp : Advx_ProblemOp<"adversary", [IsolatedFromAbove]> {
  let summary = "argmax of an objective over a set by a solver";
  let description = [{
    Region arguments are x, y, the variables of the earlier inner problems in
    order and, for `objective`, `until` and `member`, the candidate: an image, or, in
    training, weights. `objective`
    yields J, `until` the hit condition (or is empty), `solver` the point it
    returns, `member` the projection of the candidate on the set. `judge`, of
    evaluations, has the candidate alone and yields the logits that decide.
    `path` starts the names of its random streams.
  }];
  let arguments = (ins StrAttr:$path, StrAttr:$variable, FlatSymbolRefAttr:$over);
  let regions = (region SizedRegion<1>:$objective, AnyRegion:$until, SizedRegion<1>:$solver,
                        SizedRegion<1>:$member, AnyRegion:$judge);
  let assemblyFormat = [{
    $path $variable `over` $over attr-dict-with-keyword
    `maximize` $objective `until` $until `by` $solver `member` $member `judge` $judge
  }];
  let hasRegionVerifier = 1;
}

def Advx_ObjectiveOp : Advx_ProblemOp<"objective"> {
  let summary = "J at a point, inside a solver";
  let arguments = (ins Advx_Point:$point);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$point attr-dict `:` functional-type($point, $result)";
}

def Advx_HitOp : Advx_ProblemOp<"hit"> {
  let summary = "the `until` condition at a point, inside a solver";
  let arguments = (ins Advx_Point:$point);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$point attr-dict `:` functional-type($point, $result)";
}

def Advx_MinimizeOp : Advx_InExperiment<"minimize", [IsolatedFromAbove]> {
  let summary = "minimise the batch mean of a loss by an optimiser";
  let description = [{
    `loss` has the arguments x, y and the variables of the inner problems, and
    yields the loss of one example. `update` is for one weight of any shape: its
    arguments are the weight, its gradient and the optimiser's states, and it
    yields the new weight and states. `states` names the states; the leaf of
    state s of weight w is `outer.s[w]`. `projections` has the function that a leaf goes
    through after each update, where its weight stays in a set.

    After the loss and its measures, `loss` yields a new value for each state of the page
    that `also` names. `after` sees the weights and the states that the step leaves, has the
    arguments of `loss`, and yields a new value for each state that `then` names.
  }];
  let arguments = (ins StrArrayAttr:$states, OptionalAttr<DictionaryAttr>:$projections,
                       OptionalAttr<FlatSymbolRefArrayAttr>:$also,
                       OptionalAttr<FlatSymbolRefArrayAttr>:$then);
  let regions = (region SizedRegion<1>:$loss, SizedRegion<1>:$update, AnyRegion:$after);
  let assemblyFormat = [{
    `states` $states (`onto` $projections^)? (`also` $also^)? (`then` $then^)?
    attr-dict-with-keyword `loss` $loss `update` $update (`after` $after^)?
  }];
  let hasRegionVerifier = 1;
}

def Advx_StopOp : Advx_InExperiment<"stop", [IsolatedFromAbove]> {
  let summary = "whether training ends after this epoch";
  let description = [{
    The region has one scalar argument for each accuracy that `measured` names, and yields a
    condition that is the same for all examples.
  }];
  let arguments = (ins StrArrayAttr:$measured);
  let regions = (region SizedRegion<1>:$condition);
  let assemblyFormat = "$measured attr-dict-with-keyword $condition";
  let hasRegionVerifier = 1;
}

def Advx_EvaluateOp : Advx_InExperiment<"evaluate", [
    Symbol, NoTerminator, SingleBlock]> {
  let summary = "clean accuracy and adversaries on one split";
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
}

def Advx_CleanOp : Advx_ProblemOp<"clean", [HasParent<"EvaluateOp">, IsolatedFromAbove]> {
  let summary = "accuracy at x itself";
  let description = [{The region computes the logits of x in mode eval.}];
  let arguments = (ins StrAttr:$name);
  let regions = (region SizedRegion<1>:$judge);
  let assemblyFormat = "$name attr-dict-with-keyword $judge";
}

#endif // ADVX_DIALECT_IR_PROBLEMOPS_TD
