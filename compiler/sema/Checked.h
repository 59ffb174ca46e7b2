#ifndef ADVX_SEMA_CHECKED_H
#define ADVX_SEMA_CHECKED_H

//===- Checked.h - What a page means -------------------------------------===//
//
// The checked experiment: every name resolved, every function, network, head,
// set and solver instantiated for the types it is used at, every shape known
// except the batch, every default explicit, every number exact. It is what
// sema makes of the AST, and all that compiler/lower reads. No stdlib name has
// a meaning here: what is left are the primitives of docs/language/primitives.md.
//
// Ownership: an Experiment owns everything that its nodes point to. Nodes are
// immutable once checked.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/types/Ops.h"
#include "compiler/source/Rational.h"
#include "compiler/source/Source.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace advx::sema {

struct Leaf;
struct Model;

/// Some of the weights of a network and of the heads on it: what `weights(f)` or `norms(f)` names.
/// Identity is the address: one for equal leaves.
struct WeightGroup {
  std::string name; ///< As the page first wrote it.
  const Model *model = nullptr;
  std::vector<const Leaf *> leaves; ///< In the order of the experiment; not empty.
};

/// The type of one expression for ONE example; the batch is never written.
///
/// A Number is known before the step runs: a constant, a setting, a function of
/// epoch and iteration, or a solver's loop counter. It becomes a uniform. A
/// Tensor is computed by the step; `perExample` says that it depends on the
/// example, `anyShape` that it has the shape of whichever weight an optimiser
/// is applied to. Weights are a tensor for each leaf of `group`, the same for all examples.
/// `places` marks the places of a permutation of the batch, each an integer.
struct Type {
  enum class Kind { Number, Tensor, Weights };
  enum class Element { Real, Int, Bool }; ///< Int: an integer number, or a label.

  Kind kind = Kind::Number;
  Element element = Element::Real;
  std::vector<int64_t> shape; ///< Empty for scalars; [C, H, W] for images.
  bool perExample = false;
  bool anyShape = false;
  bool places = false;
  const WeightGroup *group = nullptr; ///< Of Weights.

  bool isNumber() const { return kind == Kind::Number; }
  bool isTensor() const { return kind == Kind::Tensor; }
  bool isWeights() const { return kind == Kind::Weights; }
  bool isScalar() const { return shape.empty() && !anyShape && !isWeights(); }
  bool isLabel() const { return isTensor() && element == Element::Int && !places; }
  /// `real`, `vector[10]`, `tensor[1, 28, 28]`, `label`, `weights(f)`.
  std::string str() const;
  /// One text for each type. To a reader a number and a scalar of tensors are both `real`; a
  /// function made for one does not take the other.
  std::string key() const;
};

/// A named value: a parameter of a function, `let`, `var`, x, y or x'. Identity
/// is the address.
struct Local {
  std::string name;
  Type type;
  Span span;
  bool isSetting = false; ///< The number of a call on the page: a setting, so finite.
};

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;
struct Function;
struct Head;
struct State;

enum class Mode { Eval, Batch, Train };

/// A checked expression.
///
///   Number      value                                   (type Number)
///   Bool        value 0 or 1                            (type Number, Bool)
///   Infinity    +infinity, for masks                    (type Number)
///   Setting     index into Experiment::settings; name: its path (type Number)
///   Clock       name: epoch iteration epochs iterations (type Number)
///   Local       local
///   Leaf        leaf: a parameter or buffer
///   State       state: what is kept of it, or the row of the example
///   Op          op; args; ints: its attributes, as the op of the dialect has them. Ops.def
///               says which ops Numbers have. Where a Tensor op has Number arguments,
///               they are meant as scalars of the op's type.
///   Call        function, args; stream: where the call is a draw of the page, its name
///   Apply       model, args = {input} or {input, weights}, mode, occurrence: 0 for all
///               equal applications, 1, 2, … for each `fresh` one. It reads the leaves of
///               the weights from them, the others as they are
///   Logits      head, args = {z, the head's numbers in order of Head::numbers…, y if given};
///               z is an Apply, at whose weights the head is read
///   Gradient    args = {e}, local = with respect to which; the gradient of the
///               SUM over the batch of e; Weights where the local is
///   Weights     those of type.group, as the step found them
///   Weight      args = {weights}, leaf: the tensor of one leaf
///   Bundle      args = a tensor for each leaf of type.group, in its order (type Weights)
///   LossGradient  in an optimiser: the gradient of the loss by its weight
///   WeightSum   in an optimiser: the sum of args[0] over all weights that it moves
///   Objective   in a solver: J at args[0]
///   Hit         in a solver: the `until` condition at args[0]
struct Expr {
  enum class Kind {
    Number,
    Bool,
    Infinity,
    Setting,
    Clock,
    Local,
    Leaf,
    State,
    Op,
    Call,
    Apply,
    Logits,
    Gradient,
    Weights,
    Weight,
    Bundle,
    LossGradient,
    WeightSum,
    Objective,
    Hit
  };

  Kind kind;
  Op op = Op::Neg; ///< Of kind Op.
  Type type;
  Span span;
  Rational value;
  std::string name;
  std::vector<ExprPtr> args;
  std::map<std::string, std::vector<int64_t>> ints;
  size_t index = 0;
  const Local *local = nullptr;
  const Leaf *leaf = nullptr;
  const State *state = nullptr;
  const Function *function = nullptr;
  const Model *model = nullptr;
  const Head *head = nullptr;
  Mode mode = Mode::Eval;
  unsigned occurrence = 0;
  bool given = false;
  std::string stream; ///< Op dropout: the stream of its draws, its layer's path. Call: see above.
  /// Op constant_list: its numbers where they come from a file, `name`; then it has no args.
  std::shared_ptr<const std::vector<double>> numbers;

  bool is(Op wanted) const { return kind == Kind::Op && op == wanted; }
  /// Of the op `compare`; that of all others is not looked at.
  Predicate predicate() const;
  /// The numbers of a `constant_list`.
  std::vector<double> listed() const;
};

/// A statement; `Repeat` binds `local` to the counter from 0.
///
///   Let, Var   local := value
///   Assign     local := value. A local that is ever assigned a Tensor, or assigned
///              under a Tensor condition or after `stop when` of one, has a Tensor type
///              from its declaration on; a number is every entry of it
///   Draw       local := a sample of the shape of local->type; `name` is the
///              distribution, "uniform" with args {low, high}, "normal" with
///              args {mean, std} or "beta" with its two shapes; the draw's own name is
///              local->name; perBatch: one sample for all examples; ofPage: one value in
///              all problems of a step
///   If         value is the condition; `if` selects where it is a Tensor
///   Repeat     value is the count
///   StopWhen   value: freezes this example
///   Solve      local := what `body`, a program of its own, returns: whom it stops goes on after it
///   Return     value
struct Stmt {
  enum class Kind { Let, Var, Assign, Draw, If, Repeat, StopWhen, Solve, Return };

  Kind kind;
  Span span;
  const Local *local = nullptr;
  ExprPtr value;
  std::string name;
  std::vector<ExprPtr> args;
  bool perBatch = false;
  bool ofPage = false;
  std::vector<Stmt> body;
  std::vector<Stmt> orElse;
};

/// Statements, then a value: the body of anything that computes one thing.
struct Block {
  std::vector<Stmt> stmts;
  ExprPtr value;
};

/// A function at the types of one use. Functions with equal text and types are one.
struct Function {
  std::string name;   ///< As declared, for printing.
  std::string symbol; ///< Unique in the experiment.
  std::vector<const Local *> params;
  Block body;
  Span span;
};

/// Where a number must lie. No range holds what is not finite.
struct Range {
  std::optional<double> minimum, maximum;
  bool openMinimum = false, openMaximum = false; ///< The bound itself is outside.

  bool holds(double value) const;
  /// `0 or more`, `at least 0 and below 1`, `a finite number`.
  std::string str() const;
};

/// A number of the page that can be set at run time without a rebuild. `value`
/// is a Number expression, possibly of other settings and of the clock (a schedule).
struct Setting {
  std::string path; ///< `eps`, `inner.step`, `f.s`, `outer.lr`, `test.pgd20.steps`, `data.batch`.
  Type::Element element = Type::Element::Real;
  ExprPtr value;
  std::string text;   ///< Source text of the value.
  std::string report; ///< The value on the page, in numbers; empty where the clock decides.
  bool isDefault = false;
  Range range;
  bool isDerived = false; ///< Follows from others and is there for its range: no `--set`.
  /// The index of a `best`: what it runs over, one at a time. Its `value` says none of them.
  std::vector<Rational> index;
  Span span;
};

/// A number that shaped the program; `--set` of it needs a rebuild.
struct Structural {
  std::string path;
  std::string text;
  bool isDefault = false;
  Span span;
};

/// A file of numbers that the page was read with (`load`).
struct InputFile {
  std::string path;  ///< As written.
  std::string form;  ///< What is in it: `float32 [1, 28, 28]`.
  std::string bytes; ///< All of it.
  Span span;
};

/// Where the first value of a leaf comes from. Bounds are exact only up to
/// double: they hold square roots of fan-ins.
struct Initialiser {
  enum class Kind { Constant, Uniform, Normal };
  Kind kind = Kind::Constant;
  double a = 0; ///< Value, low or mean.
  double b = 0; ///< High or standard deviation.
};

/// `from "FILE" rename { … }` of a model: how names in the file become ours.
struct ModelSource {
  struct Rename {
    std::string theirs, ours; ///< Prefixes, whole parts of names: `module`, `` for all.
  };
  std::string model; ///< `z`.
  std::string file;  ///< As written; relative to the folder of the page.
  std::vector<Rename> renames;
  std::vector<std::string> skips; ///< Patterns of names in the file; `*` is any text.
  Span span;
};

/// One tensor of state that belongs to a network or head.
struct Leaf {
  std::string name; ///< `z.conv1.weight`: component, then PyTorch's name.
  std::vector<int64_t> shape;
  bool isBuffer = false;
  bool trainable = true;
  bool isNorm = false; ///< Of a layer that normalises.
  Initialiser init;
  const Function *project = nullptr; ///< Of `param W : … in SET`, after each update.
  std::optional<size_t> source;      ///< Of `from`: into Experiment::sources.
  std::optional<size_t> rename;      ///< The renaming of that source that applies.
  std::vector<std::string> keys;     ///< Names to try in that file, in order.
  Span span;
};

/// `state NAME : T per run | slot | example | class = e0`: a tensor that lasts from step to step.
/// Also what a `draw … per run` is made of. A state of weights is one for each leaf of the group,
/// `e.z.conv1.weight`.
struct State {
  enum class Per { Run, Slot, Example, Class };
  std::string name;
  std::string item; ///< As the page declares it: `e`.
  Per per = Per::Run;
  Type type; ///< Of what an expression of one example reads.
  /// Of what is kept: of a row for a slot or an example, with the classes first for a class.
  std::vector<int64_t> shape;
  std::string init;                 ///< Path of the setting that it begins as.
  std::optional<Initialiser> drawn; ///< Of a draw, in place of `init`.
  const Leaf *copied = nullptr;     ///< It begins as this leaf does, in place of `init`.
  Span span;

  bool hasRows() const { return per == Per::Slot || per == Per::Example; }
};

/// A network of the page: `features z = …`. Networks applied inside one another
/// are inlined; batch_norm and dropout take their mode from the application.
struct Model {
  std::string name;
  const Local *input = nullptr;
  Block forward;
  std::vector<const Leaf *> leaves;
  bool frozen = false;
  Span span;
};

/// A head of the page: logits as a function of features.
struct Head {
  std::string name;
  const Model *model = nullptr;
  const Local *z = nullptr;
  const Local *y = nullptr;            ///< Of `logits given y`.
  const Local *distribution = nullptr; ///< Of the same text, given a distribution of labels.
  std::vector<const Local *> numbers;  ///< Parameters that calls may override: s, m.
  std::vector<ExprPtr> numberValues;   ///< Their values on the page (Setting expressions).
  std::vector<Stmt> lets;              ///< Shared by both kinds of logits.
  ExprPtr logits;
  ExprPtr logitsGiven;   ///< Equals `logits` where the head declares no other.
  size_t sharedLets = 0; ///< Of `lets`, those that do not belong to `logitsGiven` alone.
  std::vector<Stmt> distributionLets;
  ExprPtr logitsGivenDistribution; ///< Null where the page does not ask for it.
  std::vector<const Leaf *> leaves;
  bool frozen = false;
  Span span;
};

/// A feasible set: functions, each of `params` (x, y as far as declared) and, for
/// project, parts and steepest, one point more. `A & B` projects on A, then on B, and
/// holds the points that lie in both; steepest, radius and start come from the one
/// that has them, and a start is projected on the rest. A set without a radius (a
/// box) has null there.
struct Set {
  std::string name;
  std::vector<const Local *> params;
  std::vector<const Function *> parts; ///< The projection on each part.
  const Function *project = nullptr;   ///< All of them, in order.
  const Function *steepest = nullptr;
  const Function *radius = nullptr;
  const Function *start = nullptr;
  /// Of a union, whose one part is the nearest point of its members; it answers no solver.
  std::vector<const Set *> members;
  /// Of a set of weights: a set for each leaf of `group`, and none of the functions above.
  const WeightGroup *group = nullptr;
  std::vector<const Set *> ofLeaves;
  Span span;
};

/// A piece of a text for reports: words, or a setting whose value stands there.
struct ReportPiece {
  std::string text;
  std::optional<size_t> setting; ///< Index into Experiment::settings.
};
using ReportText = std::vector<ReportPiece>;

/// argmax E over S by SOLVER until P in MODE. In the solver's statements, sets
/// and starts are calls already; J(v), hit(v) and gradients of them are left.
struct Adversary {
  std::string path;                ///< `inner` (or `inner.v` of several), `test.ce_1`.
  const Local *variable = nullptr; ///< x', as the objective names it; or weights.
  Block objective;
  std::optional<Block> until;
  const Set *set = nullptr;
  std::vector<ExprPtr> setArgs;
  std::vector<Stmt> solver; ///< Parameters as Let, then the text; ends in Return.
  Mode mode = Mode::Eval;
  std::string objectiveText, solverText, setText; ///< As written, defaults filled in.
  ReportText objectiveReport, solverReport, setReport;
  Span span;
};

/// `minimize L at w` at numbers of the page; applied to each trainable leaf, or to those of a
/// group, which has numbers of its own.
struct Optimizer {
  struct State {
    std::string name;
    const Local *local = nullptr;
    Rational init;
  };
  std::string name;
  const Local *weight = nullptr;
  std::vector<State> states;
  std::vector<Stmt> body; ///< Parameters as Let, then the text, which assigns weight and states.
  std::vector<const Leaf *> leaves; ///< Of a group: those that training changes.
  Span span;
};

struct Outer {
  Block loss; ///< For one example, train mode; the step minimises the batch mean.
  std::vector<const Local *> terms;   ///< The scalar `let`s of the page among its statements.
  Optimizer optimizer;                ///< Of all leaves that are in no group.
  std::vector<Optimizer> groups;      ///< The same text; no leaf is in two.
  std::string epochs;                 ///< Path of the setting.
  std::optional<std::string> replays; ///< Path of the setting; each batch once where absent.
  /// A new value of a state.
  struct Update {
    const State *state = nullptr;
    ExprPtr value;
  };
  std::vector<Update> also; ///< After the statements of `loss`, in its scope.
  std::vector<Stmt> after;  ///< What `then` reads, at the weights and states that the step leaves.
  std::vector<Update> then;
  Span span;
};

/// `stop when P`, looked at after each epoch.
struct Stop {
  /// The accuracy of a line, or that of the evaluation before.
  struct Measured {
    std::string evaluation, item;
    bool isPrevious = false;
    const Local *local = nullptr;
  };
  std::vector<Measured> measured;
  Block condition;
  bool keepsPrevious = false; ///< Training goes back to the weights of the epoch before.
  Span span;
};

struct Data {
  std::string name, format;
  std::vector<int64_t> image;
  int64_t classes = 0;
  double low = 0, high = 1;
  std::vector<std::string> train, test;
  std::string archive;               ///< Where the files are, unless beside it; may be empty.
  std::optional<int64_t> labelBytes; ///< Of a record, where a file has labels and images.
  std::vector<std::string> names;    ///< Of the classes; empty where the text has none.
  std::string batch;                 ///< Path of the setting.
  int64_t valid = 0;
  bool dropLast = false;
  Span span;
};

/// One text of `augment = […]`, which changes the examples that training sees.
struct Augmentation {
  std::string name;
  std::string path; ///< `data.pad_crop`: of its settings and of its draws.
  const Local *x = nullptr;
  const Local *y = nullptr; ///< The label as a distribution; null where the text does not name it.
  std::vector<Stmt> body;   ///< Parameters as Let, then the text, which assigns x and y.
  std::string text;         ///< The call, defaults filled in.
  Span span;
};

struct EvaluationItem {
  enum class Kind { Clean, Adversary, Worst };
  Kind kind = Kind::Clean;
  std::string name;
  const Adversary *adversary = nullptr;
  const Head *head = nullptr;  ///< Whose label decides.
  std::vector<std::string> of; ///< Worst: names of earlier items.
  bool inWorst = false;        ///< Written inside a `worst`, not only named there.
  /// Of a candidate of `best`: its index, into Experiment::settings, and which of its values. The
  /// candidates share one adversary; its draws are others for each.
  std::optional<size_t> index;
  size_t candidate = 0;
  Span span;
};

/// `with f[w]`: the model that an evaluation is of.
struct EvaluatedModel {
  /// Of its running statistics.
  enum class Statistics {
    None,      ///< It has none.
    Own,       ///< Those of f: `f[w, eval]`.
    Estimated, ///< For these weights, on training images.
  };
  const Head *head = nullptr;
  Block weights;
  std::string text;  ///< As written.
  std::string state; ///< Where w is a state of weights, its name.
  Statistics statistics = Statistics::None;
  /// The evaluation, where w is no state: estimates belong to it alone.
  std::string evaluation;

  /// The leaf that keeps the estimate of a running statistic: `e.z.bn1.running_mean`.
  std::string keeper(const Leaf &leaf) const {
    return state.empty() ? evaluation + "[" + leaf.name + "]" : state + "." + leaf.name;
  }
  /// The step that estimates. No other step can have its name.
  std::string estimation() const { return "statistics of " + (state.empty() ? evaluation : state); }
};

struct Evaluation {
  std::string name;                 ///< `as` name, or the split.
  std::string split;                ///< train, valid, test.
  std::optional<std::string> count; ///< Path of the setting; all images if absent.
  std::optional<std::string> every; ///< Path of the setting, in epochs.
  bool atEnd = false;
  std::optional<EvaluatedModel> with; ///< Where it is of other weights.
  std::vector<EvaluationItem> items;
  Span span;
};

/// `keep best(val.pgd10)`.
struct Keep {
  std::string evaluation, item;
};

/// `s in [1, 5]` of a sweep: what a run sets, and to which texts, each different.
struct SweepAxis {
  std::string path; ///< Of a setting, or `seed`.
  std::vector<std::string> values;
  Span span;
};

/// One page.
struct Experiment {
  std::string name, doc;
  std::string path, text; ///< The page's file and its source.
  Data data;
  const Local *x = nullptr, *y = nullptr;
  std::vector<Augmentation> augmentations; ///< In the order of the examples' way through them.
  /// What inner and outer problems see for y: itself, or a distribution where an augmentation
  /// changes labels.
  const Local *trainingLabel = nullptr;
  std::vector<Setting> settings;
  std::vector<Structural> structural;
  std::vector<InputFile> inputs;     ///< In order of the page, each once.
  std::vector<const Leaf *> leaves;  ///< In order of declaration.
  std::vector<const State *> states; ///< In order of declaration.
  std::vector<ModelSource> sources;  ///< In order of the page.
  std::vector<const Model *> models;
  std::vector<const Head *> heads;
  std::vector<const Function *> functions; ///< Callees before callers.
  std::vector<const Set *> sets;
  std::vector<const Adversary *> inner; ///< In order; each binds its variable.
  std::optional<Outer> outer;
  std::optional<Stop> stop;
  std::vector<Evaluation> evaluations;
  std::optional<Keep> keep;
  std::vector<SweepAxis> sweep; ///< In order of the page; a run for each combination.
  Span span;

  /// Owns every node above.
  std::vector<std::shared_ptr<const void>> storage;
};

/// The checked experiment as stable text (`--emit=checked`).
std::string dump(const Experiment &experiment);

} // namespace advx::sema

#endif // ADVX_SEMA_CHECKED_H
