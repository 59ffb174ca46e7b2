#ifndef ADVX_DIALECT_IR_MANIFESTOPS_TD
#define ADVX_DIALECT_IR_MANIFESTOPS_TD

//===- ManifestOps.td - What the runtime is told ---------------------------===//
//
// `advx.program` stands in the module from the problem tier to the host program: its
// ops are the one home of what the runtime must know that is not a step itself.
// The experiment's ops name its settings and leaves; `advx-plan` adds where leaves
// lie; `advx-host-lower` prints all of it, with the steps, as the JSON of
// runtime/abi/manifest.md.
//
//===----------------------------------------------------------------------===//

include "dialect/IR/AdvxBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"

def Advx_SettingKind : I64EnumAttr<"SettingKind", "what numbers a setting takes", [
    I64EnumAttrCase<"real", 0>, I64EnumAttrCase<"integer", 1, "int">,
    I64EnumAttrCase<"boolean", 2, "bool">]> {
  let cppNamespace = "::mlir::advx";
}

def Advx_LeafRole : I64EnumAttr<"LeafRole", "whose state a leaf is", [
    I64EnumAttrCase<"parameter", 0>, I64EnumAttrCase<"buffer", 1>,
    I64EnumAttrCase<"optimizer", 2>, I64EnumAttrCase<"state", 3>]> {
  let cppNamespace = "::mlir::advx";
}

def Advx_LeafInit : I64EnumAttr<"LeafInit", "how a leaf gets its first value", [
    I64EnumAttrCase<"constant", 0>, I64EnumAttrCase<"uniform", 1>,
    I64EnumAttrCase<"normal", 2>]> {
  let cppNamespace = "::mlir::advx";
}

def Advx_TextAttr
    : Attr<CPred<"::llvm::isa<::mlir::DenseResourceElementsAttr>($_self)">, "bytes of a resource"> {
  let storageType = "::mlir::DenseResourceElementsAttr";
  let returnType = "::mlir::DenseResourceElementsAttr";
  let convertFromStorage = "$_self";
}

/// Prefixes of names: theirs, then ours.
def Advx_RenamesAttr : TypedArrayAttrBase<StrArrayAttr, "pairs of names">;

class Advx_InProgram<string mnemonic, list<Trait> traits = []>
    : Advx_Op<mnemonic, !listconcat(traits, [HasParent<"ProgramOp">])>;

def Advx_ProgramOp : Advx_Op<"program", [
    HasParent<"::mlir::ModuleOp">, SymbolTable, NoTerminator, SingleBlock, IsolatedFromAbove]> {
  let summary = "what the runtime is told of the steps";
  let description = [{
    A module has at most one. Leaves and evaluations are its symbols; settings have
    paths, a name space of their own. `compiler` records what made the program.
    `state_bytes`, the size of all leaves, is there once the program is planned.

    A step that an op of it names is a function of the module with `advx.step`, or,
    before `advx-instantiate`, what the experiment makes into one.

    ```mlir
    advx.program "page" doc "A page." compiler {version = "0.1.0"} state_bytes 128 {
      advx.leaf @z.w : tensor<3xf32> slot 0 parameter trainable = uniform(-0.5, 0.5) offset 0
      advx.leaf @z.mean : tensor<3xf32> slot 1 buffer = constant(0.0) offset 64
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, OptionalAttr<StrAttr>:$doc,
                       OptionalAttr<DictionaryAttr>:$compiler, OptionalAttr<I64Attr>:$state_bytes);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $name (`doc` $doc^)? (`compiler` $compiler^)? (`state_bytes` $state_bytes^)?
    attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The module's, or null.
    static ProgramOp of(::mlir::ModuleOp module);

    /// The ops of one kind, in order. Settings and leaves are numbered so.
    template <typename OpTy> ::llvm::SmallVector<OpTy> all() {
      return ::llvm::to_vector(getBody().getOps<OpTy>());
    }
    /// The one op of its kind, or null.
    template <typename OpTy> OpTy one() {
      auto ops = getBody().getOps<OpTy>();
      return ops.empty() ? OpTy() : *ops.begin();
    }
  }];
}

def Advx_DataOp : Advx_InProgram<"data"> {
  let summary = "the data set";
  let description = [{
    `image` is the type of x, of one example. `train` and `test` are files of the
    `format`; `batch` is the setting that has the batch size, and `valid` the number
    of training examples set apart. With `drop_last` an epoch leaves out a last batch
    that is not full. The files are in the `archive`, if there is one, where their folder
    has none of them. A record of a file that has labels and images begins with
    `label_bytes` bytes of label. `options` are what else the format asks for.
    `class_names` are in the order of the labels.

    `epoch` is the setting that has the images of an epoch; without it an epoch is once
    through the images. With a `share`, a setting, this is the first part of a mixture,
    and an `advx.data_part` follows for each other one.

    ```mlir
    advx.program "page" {
      advx.setting "data.batch" int = "128" line 4 min 1.0
      advx.data "points" tensor<1x28x28xf32> classes 10 range 0.0 to 1.0 format "idx" train ["images", "labels"] test ["images", "labels"] valid 0 batch "data.batch" drop_last archive "points.tar.gz" class_names ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, TypeAttr:$image, I64Attr:$classes, F64Attr:$low,
                       F64Attr:$high, StrAttr:$format, StrArrayAttr:$train, StrArrayAttr:$test,
                       I64Attr:$valid, StrAttr:$batch, UnitAttr:$drop_last,
                       OptionalAttr<StrAttr>:$archive, OptionalAttr<I64Attr>:$label_bytes,
                       OptionalAttr<DictionaryAttr>:$options, OptionalAttr<StrArrayAttr>:$class_names,
                       OptionalAttr<StrAttr>:$epoch, OptionalAttr<StrAttr>:$share);
  let assemblyFormat = [{
    $name $image `classes` $classes `range` $low `to` $high `format` $format
    `train` $train `test` $test `valid` $valid `batch` $batch (`drop_last` $drop_last^)?
    (`archive` $archive^)? (`label_bytes` $label_bytes^)? (`options` $options^)?
    (`class_names` $class_names^)? (`epoch` $epoch^)? (`share` $share^)? attr-dict
  }];
  let hasVerifier = 1;
}

def Advx_DataPartOp : Advx_InProgram<"data_part"> {
  let summary = "a further part of a mixture of data";
  let description = [{
    Its images and labels are as `advx.data` says. `train` are files of the `format`;
    `share` is the setting that has its part of a batch. The shares of all parts and of
    `advx.data` add up to 1.

    ```mlir
    advx.program "page" {
      advx.setting "data.batch" int = "128" line 4 min 1.0
      advx.setting "data.points.share" real = "0.25" line 4 min 0.0 max 1.0
      advx.setting "data.npz.share" real = "0.75" line 4 min 0.0 max 1.0
      advx.data "points" tensor<1x28x28xf32> classes 10 range 0.0 to 1.0 format "idx" train ["images", "labels"] test ["images", "labels"] valid 0 batch "data.batch" share "data.points.share"
      advx.data_part "npz" share "data.npz.share" format "npz" train ["1m.npz"] options {image = "image", label = "label"}
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, StrAttr:$share, StrAttr:$format, StrArrayAttr:$train,
                       OptionalAttr<StrAttr>:$archive, OptionalAttr<I64Attr>:$label_bytes,
                       OptionalAttr<DictionaryAttr>:$options);
  let assemblyFormat = [{
    $name `share` $share `format` $format `train` $train (`archive` $archive^)?
    (`label_bytes` $label_bytes^)? (`options` $options^)? attr-dict
  }];
  let hasVerifier = 1;
}

def Advx_SettingOp : Advx_InProgram<"setting", [IsolatedFromAbove]> {
  let summary = "a number of the page that can be set at run time";
  let description = [{
    `text` is how the page writes it, at `line` (0: nowhere), and `report` the page's
    value in numbers, where the clock does not decide it. A `default` is what the page
    left out. `reads` are the settings that it follows from, through all others; they
    come before it. A `schedule` changes with the clock; a `derived` one is there for
    its range and cannot be set. `min` and `max` bound the value; the bound itself is
    outside with `above_min` and `below_max`.

    The region computes the page's value in f64 from other settings and the clock.
    `advx-outline-uniforms` moves it into the module's `fill_uniforms`, which takes one
    argument a setting, in their order, and settings become uniforms.

    ```mlir
    advx.program "page" {
      advx.setting "p" real = "1/4" default line 0 report "1/4"
      advx.setting "z.drop.p" real = "2 * p" line 5 min 0.0 max 1.0 below_max derived reads ["p"] {
        %p = advx.setting_value "p"
        %two = arith.constant 2.0 : f64
        %v = arith.mulf %two, %p : f64
        advx.yield %v : f64
      }
    }
    ```
  }];
  let arguments = (ins StrAttr:$path, Advx_SettingKind:$kind, StrAttr:$text, UnitAttr:$is_default,
                       DefaultValuedAttr<I64Attr, "0">:$line, OptionalAttr<StrAttr>:$report,
                       OptionalAttr<F64Attr>:$minimum, OptionalAttr<F64Attr>:$maximum,
                       UnitAttr:$open_minimum, UnitAttr:$open_maximum, UnitAttr:$derived,
                       UnitAttr:$schedule, OptionalAttr<StrArrayAttr>:$reads);
  let regions = (region MaxSizedRegion<1>:$value);
  let assemblyFormat = [{
    $path $kind `=` $text (`default` $is_default^)? `line` $line (`report` $report^)?
    (`min` $minimum^)? (`max` $maximum^)? (`above_min` $open_minimum^)?
    (`below_max` $open_maximum^)? (`derived` $derived^)? (`schedule` $schedule^)?
    (`reads` $reads^)? attr-dict-with-keyword ($value^)?
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Advx_StructuralOp : Advx_InProgram<"structural"> {
  let summary = "a number of the page that shaped the program";
  let description = [{
    To set it, the page is built again. `text`, `default` and `line` as for a setting.

    ```mlir
    advx.program "page" {
      advx.structural "z.depth" = "34" line 5
    }
    ```
  }];
  let arguments = (ins StrAttr:$path, StrAttr:$text, UnitAttr:$is_default,
                       DefaultValuedAttr<I64Attr, "0">:$line);
  let assemblyFormat = "$path `=` $text (`default` $is_default^)? `line` $line attr-dict";
}

def Advx_LeafOp : Advx_InProgram<"leaf", [Symbol]> {
  let summary = "one tensor of state: a parameter, a buffer, or an optimiser's";
  let description = [{
    `slot` is its place among the leaves, by which arguments and results of steps name
    it (`advx.state`); `advx.weight` and `advx.leaf_value` name it by its symbol. A
    parameter is a weight `of` a network; a `state` is one that the page declares. Its first
    value is a `constant`, or drawn: `uniform(low, high)`, `normal(mean, std)`; that of a state
    `by` a setting is what the setting is in force. A leaf `from`
    model source N is looked for in that file under the names that follow, after
    renaming `rename` of the source. `offset`, in bytes of the state arena, is there
    once the program is planned.

    ```mlir
    advx.program "page" {
      advx.model_source "z" from "a.safetensors" in "/home/me" line 5 rename [["module", ""]] skip []
      advx.leaf @z.conv1.weight : tensor<16x1x4x4xf32> slot 0 parameter of "z" trainable = uniform(-0.25, 0.25) from 0 ["module.conv1.weight"] rename 0
      advx.leaf @"outer.v[z.conv1.weight]" : tensor<16x1x4x4xf32> slot 1 optimizer = constant(0.0)
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttr:$type, I64Attr:$slot,
                       Advx_LeafRole:$role, OptionalAttr<StrAttr>:$network, UnitAttr:$trainable,
                       Advx_LeafInit:$init, F64Attr:$a,
                       OptionalAttr<F64Attr>:$b, OptionalAttr<StrAttr>:$setting,
                       OptionalAttr<I64Attr>:$source,
                       OptionalAttr<StrArrayAttr>:$keys, OptionalAttr<I64Attr>:$rename,
                       OptionalAttr<I64Attr>:$offset);
  let assemblyFormat = [{
    $sym_name `:` $type `slot` $slot $role (`of` $network^)? (`trainable` $trainable^)? `=` $init
    `(` $a (`,` $b^)? `)` (`by` $setting^)? (`from` $source^ $keys)? (`rename` $rename^)?
    (`offset` $offset^)? attr-dict
  }];
  let hasVerifier = 1;
}

def Advx_Rows : I64EnumAttr<"Rows", "what a table of state has a row for", [
    I64EnumAttrCase<"slot", 0>, I64EnumAttrCase<"example", 1>]> {
  let cppNamespace = "::mlir::advx";
}

def Advx_TableOp : Advx_InProgram<"table", [Symbol]> {
  let summary = "state with a row for each place of the batch, or each training example";
  let description = [{
    A step reads the rows of its batch as an input and gives new ones as an output, both
    called `state NAME`; the runtime keeps the table. `type` is that of one row. All rows begin
    as the value of the setting.

    ```mlir
    advx.program "page" {
      advx.setting "d" real = "0" line 7
      advx.table @d : tensor<1x28x28xf32> per slot by "d"
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttr:$type, Advx_Rows:$rows,
                       StrAttr:$setting);
  let assemblyFormat = "$sym_name `:` $type `per` $rows `by` $setting attr-dict";
  let hasVerifier = 1;
}

def Advx_ModelSourceOp : Advx_InProgram<"model_source"> {
  let summary = "a file of weights that a model starts from";
  let description = [{
    The file is looked for in `folder`, the page's. `renames` are prefixes of names
    there, whole parts, and what they are here; what matches one of `skips` is left
    out. Leaves name sources by their number.

    ```mlir
    advx.program "page" {
      advx.model_source "z" from "a.safetensors" in "/home/me" line 5 rename [["module", ""]] skip ["module.fc.*"]
    }
    ```
  }];
  let arguments = (ins StrAttr:$model, StrAttr:$file, StrAttr:$folder, I64Attr:$line,
                       Advx_RenamesAttr:$renames, StrArrayAttr:$skips);
  let assemblyFormat = [{
    $model `from` $file `in` $folder `line` $line `rename` $renames `skip` $skips attr-dict
  }];
  let hasVerifier = 1;
}

def Advx_TextOp : Advx_InProgram<"text"> {
  let summary = "a text that the program was read from";
  let description = [{
    The `page`, or what it imports and takes from the standard library. The bytes are a
    resource, so they stand at the end of the file.

    ```mlir
    advx.program "page" {
      advx.text "page.advx" page = dense_resource<page> : tensor<3xi8>
    }
    {-# dialect_resources: { builtin: { page: "0x01000000616263" } } #-}
    ```
  }];
  let arguments = (ins StrAttr:$path, UnitAttr:$page, Advx_TextAttr:$text);
  let assemblyFormat = "$path (`page` $page^)? `=` $text attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The bytes of the file.
    ::llvm::StringRef getBytes();
  }];
}

def Advx_TrainOp : Advx_InProgram<"train"> {
  let summary = "how the program trains";
  let description = [{
    By `step`, for as many epochs as the setting `epochs` says, each batch `replays`
    times, or as often as the setting after `by` says. `sets` are the adversaries whose set
    `memberships` check, one step each. After each epoch the step after `stop` says whether
    training ends; its inputs are the accuracies in `measured`, `EVALUATION.LINE`, those of the
    evaluation before as `previous EVALUATION.LINE`. With `keep_previous` training then goes back
    to the weights of the epoch before.

    ```mlir
    advx.program "page" {
      advx.setting "outer.epochs" int = "3" line 11
      advx.train @train_step epochs "outer.epochs" replays 1 sets ["inner"] in [@"x in B"]
    }
    func.func @train_step() attributes {advx.step} { return }
    func.func @"x in B"() attributes {advx.step} { return }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$step, StrAttr:$epochs, I64Attr:$replays,
                       OptionalAttr<StrAttr>:$replay_setting,
                       StrArrayAttr:$sets, FlatSymbolRefArrayAttr:$memberships,
                       OptionalAttr<FlatSymbolRefAttr>:$stop,
                       OptionalAttr<StrArrayAttr>:$measured, UnitAttr:$keep_previous);
  let assemblyFormat = [{
    $step `epochs` $epochs `replays` $replays (`by` $replay_setting^)? `sets` $sets `in` $memberships
    (`stop` $stop^ `measured` $measured)? (`keep_previous` $keep_previous^)? attr-dict
  }];
  let hasVerifier = 1;
}

def Advx_EvaluationOp : Advx_InProgram<"evaluation", [Symbol, NoTerminator, SingleBlock]> {
  let summary = "attacks on one split, line by line";
  let description = [{
    On the first `count` examples of the split, or all; after each `every` epochs, and
    `at_end` of training. Both numbers are settings.

    ```mlir
    advx.program "page" {
      advx.setting "val.count" int = "1000" line 9
      advx.setting "val.every" int = "5" line 9
      advx.evaluation @val on "valid" count "val.count" every "val.every" at_end {
        advx.clean_line "clean" @val.clean
      }
    }
    func.func @val.clean() attributes {advx.step} { return }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$split, OptionalAttr<StrAttr>:$count,
                       OptionalAttr<StrAttr>:$every, UnitAttr:$at_end);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `on` $split (`count` $count^)? (`every` $every^)? (`at_end` $at_end^)?
    attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
}

/// A line of an evaluation. `in_worst`: it is written inside the braces of a `worst`, and
/// attacks what is left there.
class Advx_Line<string mnemonic> : Advx_Op<mnemonic, [HasParent<"EvaluationOp">]>;

def Advx_CleanLineOp : Advx_Line<"clean_line"> {
  let summary = "accuracy at the images themselves";
  let description = [{
    `in_worst`: the line is written inside the braces of a `worst`.

    ```mlir
    advx.program "page" {
      advx.evaluation @test on "test" at_end {
        advx.clean_line "clean" @test.clean
      }
    }
    func.func @test.clean() attributes {advx.step} { return }
    ```
  }];
  let arguments = (ins StrAttr:$name, FlatSymbolRefAttr:$step, UnitAttr:$in_worst);
  let assemblyFormat = "$name $step (`in_worst` $in_worst^)? attr-dict";
}

def Advx_AttackLineOp : Advx_Line<"attack_line"> {
  let summary = "accuracy under an adversary";
  let description = [{
    `membership`, where there is one, says how far an image lies outside the set. What
    a report prints of the `objective`, the `solver` and the set (`over`) is a list of
    words and settings, `{setting = "path"}`. The line of a candidate of `best` has the
    setting that its step reads as the `index`, the value of it, and the place of the
    `candidate`.

    ```mlir
    advx.program "page" {
      advx.setting "test.ce.steps" int = "20" line 9 report "20"
      advx.evaluation @test on "test" at_end {
        advx.attack_line "ce" @test.ce member @"x in B" in_worst objective ["ce(f(x'), y)"] solver ["pgd(steps = ", {setting = "test.ce.steps"}, ")"] over ["linf(x)"]
      }
    }
    func.func @test.ce() attributes {advx.step} { return }
    func.func @"x in B"() attributes {advx.step} { return }
    ```
  }];
  let arguments = (ins StrAttr:$name, FlatSymbolRefAttr:$step,
                       OptionalAttr<FlatSymbolRefAttr>:$membership, UnitAttr:$in_worst,
                       ArrayAttr:$objective, ArrayAttr:$solver, ArrayAttr:$over,
                       OptionalAttr<StrAttr>:$index, OptionalAttr<F64Attr>:$index_value,
                       OptionalAttr<I64Attr>:$candidate);
  let assemblyFormat = [{
    $name $step (`member` $membership^)? (`in_worst` $in_worst^)?
    `objective` $objective `solver` $solver `over` $over
    (`index` $index^ `=` $index_value `candidate` $candidate)? attr-dict
  }];
  let hasVerifier = 1;
}

def Advx_WorstLineOp : Advx_Line<"worst_line"> {
  let summary = "accuracy under all of some lines at once";
  let description = [{
    `members` are lines before it.

    ```mlir
    advx.program "page" {
      advx.evaluation @test on "test" at_end {
        advx.clean_line "clean" @test.clean
        advx.worst_line "worst" of ["clean"]
      }
    }
    func.func @test.clean() attributes {advx.step} { return }
    ```
  }];
  let arguments = (ins StrAttr:$name, StrArrayAttr:$members, UnitAttr:$in_worst);
  let assemblyFormat = "$name `of` $members (`in_worst` $in_worst^)? attr-dict";
}

def Advx_KeepOp : Advx_InProgram<"keep"> {
  let summary = "the line by which the best checkpoint is kept";
  let description = [{
    ```mlir
    advx.program "page" {
      advx.setting "val.every" int = "1" line 9
      advx.evaluation @val on "valid" every "val.every" {
        advx.clean_line "clean" @val.clean
      }
      advx.keep @val "clean"
    }
    func.func @val.clean() attributes {advx.step} { return }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$evaluation, StrAttr:$line);
  let assemblyFormat = "$evaluation $line attr-dict";
}

def Advx_SweepOp : Advx_InProgram<"sweep"> {
  let summary = "an axis of the page's sweep";
  let description = [{
    The `values` of a setting, or of the `seed`, as texts. There is a run for each
    combination of the values of all axes.

    ```mlir
    advx.program "page" {
      advx.setting "outer.lr" real = "1/10" line 9
      advx.sweep "seed" over ["0", "1", "2"]
      advx.sweep "outer.lr" over ["1/10", "1/100"]
    }
    ```
  }];
  let arguments = (ins StrAttr:$setting, StrArrayAttr:$values);
  let assemblyFormat = "$setting `over` $values attr-dict";
}

#endif // ADVX_DIALECT_IR_MANIFESTOPS_TD
