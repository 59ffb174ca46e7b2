//===- Manifest.h - What the compiled program says about itself ----------===//
//
// The typed form of the JSON described in runtime/abi/manifest.md.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_MANIFEST_H
#define ADVX_RUNTIME_CORE_MANIFEST_H

#include "runtime/abi/advx_abi.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace advx::runtime {

enum class DType { F32 = ADVX_F32, F64 = ADVX_F64, I64 = ADVX_I64, Bool = ADVX_BOOL };

size_t byteSize(DType dtype);
/// "f32", "f64", "i64", "bool", as the manifest spells them.
const char *name(DType dtype);

int64_t elementCount(const std::vector<int64_t> &shape);
/// "[3, 3]".
std::string formatShape(const std::vector<int64_t> &shape);

/// Rows that the arenas hold for `batch` examples.
int64_t paddedBatch(int64_t batch);

/// A value that `--set` may change without a new build.
struct Setting {
  enum class Kind { Int, Real, Bool };
  std::string path;
  Kind kind = Kind::Real;
  std::string text;   ///< as the page writes it
  std::string origin; ///< "page" or "default"
  int64_t line = 0;   ///< of the page; 0 for a default
  std::optional<double> minimum, maximum;
  bool openMinimum = false, openMaximum = false; ///< the bound itself is outside
  bool isDerived = false;    ///< follows from others: there for its range, not for `--set`
  bool isSchedule = false;   ///< changes with the clock
  bool isStructural = false; ///< shaped the program: its value here is not used
  std::vector<size_t> reads; ///< settings that it follows from, through all others

  /// Whether `--set` may name it.
  bool isFree() const { return !isDerived && !isStructural; }
  /// What `value` should be instead, as in "at least 1"; empty where it is right. NaN never is.
  std::string expected(double value) const;
};

/// A value that shaped the program.
struct StructuralSetting {
  std::string path, text, origin;
  int64_t line = 0;
};

/// A number, or the setting that holds it (an index into Manifest::settings).
struct Quantity {
  double number = 0;
  std::optional<size_t> setting;
};

struct Initializer {
  enum class Kind { Constant, Uniform, Normal };
  Kind kind = Kind::Constant;
  double first = 0;              ///< value, low or mean
  double second = 0;             ///< high or standard deviation
  std::optional<size_t> setting; ///< of a constant: its value in force, in place of `first`
  std::optional<size_t> copied;  ///< the leaf before this one whose first value it has instead
};

/// One leaf of state, in the state arena at `offset`.
struct Leaf {
  std::string name, role;
  std::vector<int64_t> shape;
  DType dtype = DType::F32;
  uint64_t offset = 0;
  Initializer init;
  bool trainable = false;
  std::optional<size_t> source; ///< into Manifest::sources, where the page says `from`
  std::optional<size_t> rename; ///< the renaming of that source that gave the key
  std::vector<std::string> importKeys;

  size_t bytes() const { return size_t(elementCount(shape)) * byteSize(dtype); }
  /// Optimiser slots: needed to resume, not to evaluate.
  bool isOptimizer() const { return role == "optimizer"; }
  /// What the page declares by `state`, or draws once a run.
  bool isState() const { return role == "state"; }
  /// Whether training begins with a value that the page says: not one that is drawn, nor an
  /// estimate that is made when it is asked for.
  bool isBegun() const { return isState() && (init.setting || init.copied); }
};

/// State of the page with a row for each place of the batch, or for each training example. It is
/// no part of the state arena: steps take rows and give rows.
struct Table {
  std::string name;
  bool perExample = false;
  std::vector<int64_t> shape; ///< of a row
  DType dtype = DType::F32;
  size_t init = 0; ///< the setting whose value every entry begins as

  size_t rowBytes() const { return size_t(elementCount(shape)) * byteSize(dtype); }
  /// The name of the input and of the output of a step that are its rows.
  std::string slot() const { return "state " + name; }
};

/// Where one input or output of a step lies. `shape` is that of one example if
/// `batched`, else whole.
struct Slot {
  std::string name;
  bool batched = false;
  uint64_t offset = 0;
  std::vector<int64_t> shape;
  DType dtype = DType::F32;

  /// Bytes of one example, or of all where not batched.
  size_t rowBytes() const { return size_t(elementCount(shape)) * byteSize(dtype); }
  /// Bytes for a batch of `batch` examples, without padding.
  size_t bytes(int64_t batch) const { return rowBytes() * size_t(batched ? batch : 1); }
};

/// A file that the page was read with: an import or a text of the standard library.
struct SourceText {
  std::string path, text, hash;
};

/// A file of weights, `from "FILE" rename { … }` of a model.
struct WeightSource {
  struct Rename {
    std::string theirs, ours; ///< prefixes, whole parts of names
  };
  std::string model, file;
  std::string folder; ///< of the page, where a relative `file` is looked for
  int64_t line = 0;
  std::vector<Rename> renames;
  std::vector<std::string> skips; ///< patterns of names in the file; `*` is any text
};

struct Step {
  std::string name;
  std::vector<Slot> inputs, outputs;
  uint64_t stateArena = 0;      ///< bytes
  uint64_t batchArena = 0;      ///< bytes per padded example
  std::vector<size_t> uniforms; ///< that it reads
  std::vector<size_t> settings; ///< that those follow from, through all others
  bool readsClock = false;      ///< one of them changes with the clock
  bool apart = false;           ///< no example reads another: they may be left out and moved
  /// The batch norm that takes the variance of a batch with one value an example, so that a batch
  /// of one example has none.
  std::optional<std::string> twoExamples;
  AdvxStepFunction run = nullptr;

  const Slot *input(std::string_view name) const;
  const Slot *output(std::string_view name) const;
};

/// A piece of a text that names numbers: words, or a setting whose value stands there.
struct ReportPiece {
  std::string text; ///< for a setting how the page writes its value; empty for a schedule
  std::optional<size_t> setting;
};
using ReportText = std::vector<ReportPiece>;

struct Attack {
  enum class Kind { Clean, Adversary, Worst };
  std::string name;
  Kind kind = Kind::Clean;
  size_t step = 0;                  ///< into Manifest::steps; not for Worst
  std::optional<size_t> membership; ///< the step that says how far x lies outside the set
  std::vector<std::string> of;      ///< names, for Worst
  bool inWorst = false;             ///< written inside a Worst: attacks what is left there
  /// Of a candidate of `best`: the setting that its step reads as the index, and the value.
  std::optional<size_t> index;
  double indexValue = 0;
  uint64_t candidate = 0; ///< its place among the candidates, which have draws of their own
  std::vector<std::pair<std::string, ReportText>> report; ///< what was maximised and how
};

/// The model at other weights that an evaluation is of.
struct EvaluatedModel {
  std::string text;                 ///< as the page writes it
  std::optional<size_t> estimation; ///< the step that estimates running statistics for it
  bool ownStatistics = false;       ///< it has those of the model at its own weights

  bool operator==(const EvaluatedModel &other) const {
    return text == other.text && estimation == other.estimation &&
           ownStatistics == other.ownStatistics;
  }
};

struct Evaluation {
  std::string name, split;
  std::optional<EvaluatedModel> with;
  std::optional<Quantity> count; ///< examples; all if absent
  std::optional<Quantity> every; ///< epochs
  bool atEnd = false;
  std::vector<Attack> attacks;

  const Attack *attack(std::string_view name) const;
  /// The place in `attacks` of one that is there, as those that a Worst names are.
  size_t indexOf(std::string_view name) const;
};

struct DataDescription {
  std::string name, format;
  std::vector<int64_t> image; ///< [channels, height, width], or another shape
  int64_t classes = 0;
  double low = 0, high = 1; ///< the range that bytes 0 … 255 are mapped to
  std::vector<std::string> train, test;
  std::string archive;            ///< that has the files where the folder does not; may be empty
  int64_t labelBytes = 1;         ///< of a record that has its label and its image
  std::vector<std::string> names; ///< of the classes; empty where the data has none
  Quantity valid, batch;
  bool dropLast = false;
};

/// The set of an adversary that training runs.
struct TrainingSet {
  std::string adversary;
  size_t membership = 0; ///< step
};

/// The step that says after an epoch whether training ends.
struct StopDescription {
  size_t step = 0;
  std::vector<std::string> measured; ///< its inputs: "EVALUATION.LINE", "previous EVALUATION.LINE"
  bool keepPrevious = false;         ///< training goes back to the weights of the epoch before
};

struct TrainDescription {
  size_t step = 0;
  Quantity epochs, replays;
  std::vector<TrainingSet> sets;
  std::optional<StopDescription> stop;
};

struct Keep {
  std::string evaluation, attack;
};

/// One axis of the page's `sweep`: what a run sets, and to what.
struct SweepAxis {
  std::string path; ///< of a setting, or `seed`
  std::vector<std::string> values;
};

/// Places in the steps where a library computes an op.
struct LibraryUse {
  std::string op, provider, algorithm;
  int64_t sites = 0;
};

struct Manifest {
  std::string experiment, doc;
  DType dtype = DType::F32;
  std::string sourcePath, sourceText, sourceHash;
  std::vector<SourceText> texts; ///< all else that was read, by name
  std::vector<WeightSource> sources;
  std::string compilerVersion, compilerLlvm, compilerOptions, compilerCpu;
  DataDescription data;
  std::vector<Setting> settings;
  std::vector<StructuralSetting> structural;
  size_t uniforms = 0;
  std::vector<std::string> uniformReads; ///< of each: "`inner.step`, `epoch`"
  std::vector<Leaf> state;
  uint64_t stateBytes = 0;
  std::vector<Table> tables;
  std::vector<LibraryUse> library; ///< empty at -O0
  std::vector<Step> steps;
  std::optional<TrainDescription> train;
  std::vector<Evaluation> evaluations;
  std::optional<Keep> keep;
  std::vector<SweepAxis> sweep; ///< empty where the page has none

  const Evaluation *evaluation(std::string_view name) const;
  /// The longest state arena and batch arena (per padded example) of all steps.
  uint64_t stateArena() const;
  uint64_t batchArena() const;
};

/// Reads and checks the manifest. A program error names the field at fault.
Manifest parseManifest(std::string_view json);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_MANIFEST_H
