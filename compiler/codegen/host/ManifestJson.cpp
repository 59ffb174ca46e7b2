#include "compiler/codegen/host/ManifestJson.h"

#include "compiler/codegen/plan/Layout.h"
#include "compiler/codegen/plan/Plan.h"
#include "dialect/IR/AdvxOps.h"
#include "dialect/IR/StepAttributes.h"
#include "runtime/abi/advx_abi.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"

#include <map>
#include <set>
#include <tuple>

using namespace mlir;
namespace json = llvm::json;
namespace ops = mlir::advx;

namespace advx::codegen {
namespace {

/// Sets the path of a file. JSON holds UTF-8 alone, and a path any bytes: where it is no UTF-8, its
/// bytes follow under a key of their own, so that the runtime knows the file.
void setPath(json::Object &entry, llvm::StringRef key, llvm::StringRef path) {
  if (!json::isUTF8(path))
    entry[(key + "_hex").str()] = llvm::toHex(path, /*LowerCase=*/true);
  entry[key.str()] = json::fixUTF8(path);
}

json::Array strings(ArrayAttr texts) {
  json::Array result;
  for (llvm::StringRef text : texts.getAsValueRange<StringAttr>())
    result.push_back(text);
  return result;
}

json::Array shapeOf(llvm::ArrayRef<int64_t> shape) {
  json::Array result;
  for (int64_t axis : shape)
    result.push_back(axis);
  return result;
}

json::Value orNull(std::optional<llvm::StringRef> text) {
  return text ? json::Value(*text) : json::Value(nullptr);
}

const char *origin(bool isDefault) { return isDefault ? "default" : "page"; }

//===----------------------------------------------------------------------===//
// The program
//===----------------------------------------------------------------------===//

/// The entries of one `advx.program`.
class ProgramEntries {
public:
  ProgramEntries(ops::ProgramOp program, json::Object &root) : program(program), root(root) {}

  void add() {
    root["experiment"] = program.getName();
    root["doc"] = program.getDoc().value_or("");
    if (std::optional<DictionaryAttr> compiler = program.getCompiler()) {
      json::Object entry;
      for (NamedAttribute part : *compiler)
        entry[part.getName().getValue()] = cast<StringAttr>(part.getValue()).getValue();
      root["compiler"] = std::move(entry);
    }
    addTexts();
    if (auto data = program.one<ops::DataOp>())
      addData(data);
    addSettings();
    addSources();
    addState();
    if (auto train = program.one<ops::TrainOp>())
      addTrain(train);
    json::Array evaluations;
    for (auto evaluation : program.all<ops::EvaluationOp>())
      evaluations.push_back(evaluationEntry(evaluation));
    root["evaluations"] = std::move(evaluations);
    if (auto keep = program.one<ops::KeepOp>())
      root["keep"] = json::Object{{"evaluation", keep.getEvaluation()}, {"attack", keep.getLine()}};
    json::Array sweep;
    for (auto axis : program.all<ops::SweepOp>())
      sweep.push_back(
          json::Object{{"setting", axis.getSetting()}, {"values", strings(axis.getValues())}});
    if (!sweep.empty())
      root["sweep"] = std::move(sweep);
  }

private:
  void addTexts() {
    json::Array texts;
    for (auto text : program.all<ops::TextOp>()) {
      auto digest = llvm::SHA256::hash(llvm::arrayRefFromStringRef(text.getBytes()));
      json::Object entry{{"text", json::fixUTF8(text.getBytes())},
                         {"sha256", llvm::toHex(digest, /*LowerCase=*/true)}};
      setPath(entry, "path", text.getPath());
      if (text.getPage())
        root["source"] = std::move(entry);
      else
        texts.push_back(std::move(entry));
    }
    root["texts"] = std::move(texts);
  }

  void addData(ops::DataOp data) {
    auto image = cast<RankedTensorType>(data.getImage());
    root["dtype"] = dtypeName(image.getElementType());
    json::Object entry{
        {"name", data.getName()},
        {"format", data.getFormat()},
        {"image", shapeOf(image.getShape())},
        {"classes", static_cast<int64_t>(data.getClasses())},
        {"range", json::Array{data.getLow().convertToDouble(), data.getHigh().convertToDouble()}},
        {"train", strings(data.getTrain())},
        {"test", strings(data.getTest())},
        {"valid", static_cast<int64_t>(data.getValid())},
        {"last", data.getDropLast() ? "drop" : "keep"},
        {"batch", data.getBatch()}};
    if (std::optional<llvm::StringRef> archive = data.getArchive())
      entry["archive"] = *archive;
    if (std::optional<uint64_t> bytes = data.getLabelBytes())
      entry["label_bytes"] = static_cast<int64_t>(*bytes);
    if (std::optional<ArrayAttr> names = data.getClassNames())
      entry["names"] = strings(*names);
    root["data"] = std::move(entry);
  }

  void addSettings() {
    json::Array settings, structural;
    for (auto setting : program.all<ops::SettingOp>()) {
      json::Object entry{{"path", setting.getPath()},
                         {"kind", ops::stringifySettingKind(setting.getKind())},
                         {"text", setting.getText()},
                         {"origin", origin(setting.getIsDefault())},
                         {"line", static_cast<int64_t>(setting.getLine())}};
      if (std::optional<APFloat> minimum = setting.getMinimum())
        entry["minimum"] = minimum->convertToDouble();
      if (std::optional<APFloat> maximum = setting.getMaximum())
        entry["maximum"] = maximum->convertToDouble();
      auto flag = [&](llvm::StringRef name, bool is) {
        if (is)
          entry[name] = true;
      };
      flag("open_minimum", setting.getOpenMinimum());
      flag("open_maximum", setting.getOpenMaximum());
      flag("derived", setting.getDerived());
      flag("schedule", setting.getSchedule());
      if (std::optional<ArrayAttr> reads = setting.getReads())
        entry["reads"] = strings(*reads);
      settings.push_back(std::move(entry));
      reports[setting.getPath()] = setting.getReport().value_or("");
    }
    for (auto entry : program.all<ops::StructuralOp>())
      structural.push_back(json::Object{{"path", entry.getPath()},
                                        {"text", entry.getText()},
                                        {"origin", origin(entry.getIsDefault())},
                                        {"line", static_cast<int64_t>(entry.getLine())}});
    root["settings"] = std::move(settings);
    root["structural"] = std::move(structural);
  }

  void addSources() {
    json::Array sources;
    for (auto source : program.all<ops::ModelSourceOp>()) {
      json::Array renames;
      for (Attribute rename : source.getRenames()) {
        json::Array names = strings(cast<ArrayAttr>(rename));
        renames.push_back(json::Object{{"theirs", names[0]}, {"ours", names[1]}});
      }
      json::Object entry{{"model", source.getModel()},
                         {"line", static_cast<int64_t>(source.getLine())},
                         {"renames", std::move(renames)},
                         {"skips", strings(source.getSkips())}};
      setPath(entry, "file", source.getFile());
      setPath(entry, "folder", source.getFolder());
      sources.push_back(std::move(entry));
    }
    root["sources"] = std::move(sources);
  }

  static json::Object initEntry(ops::LeafOp leaf) {
    json::Object init{{"kind", ops::stringifyLeafInit(leaf.getInit())}};
    double a = leaf.getA().convertToDouble();
    double b = leaf.getB() ? leaf.getB()->convertToDouble() : 0;
    switch (leaf.getInit()) {
    case ops::LeafInit::constant:
      init["value"] = a;
      if (leaf.getSetting())
        init["setting"] = *leaf.getSetting();
      if (auto copied = leaf->getAttrOfType<FlatSymbolRefAttr>(ops::kCopiedAttr))
        init = json::Object{{"kind", "copy"}, {"of", copied.getValue()}};
      break;
    case ops::LeafInit::uniform:
      init["low"] = a;
      init["high"] = b;
      break;
    case ops::LeafInit::normal:
      init["mean"] = a;
      init["std"] = b;
      break;
    }
    return init;
  }

  void addState() {
    json::Array state;
    for (auto leaf : program.all<ops::LeafOp>()) {
      auto type = cast<RankedTensorType>(leaf.getType());
      json::Object entry{{"name", leaf.getSymName()},
                         {"role", ops::stringifyLeafRole(leaf.getRole())},
                         {"shape", shapeOf(type.getShape())},
                         {"dtype", dtypeName(type.getElementType())},
                         {"init", initEntry(leaf)},
                         {"trainable", leaf.getTrainable()},
                         {"offset", static_cast<int64_t>(leaf.getOffset().value_or(0))}};
      if (leaf.getSource()) {
        json::Object from{{"source", static_cast<int64_t>(*leaf.getSource())},
                          {"keys", strings(*leaf.getKeys())}};
        if (leaf.getRename())
          from["rename"] = static_cast<int64_t>(*leaf.getRename());
        entry["from"] = std::move(from);
      }
      state.push_back(std::move(entry));
    }
    root["state"] = std::move(state);
    json::Array tables;
    for (auto table : program.all<ops::TableOp>()) {
      auto type = cast<RankedTensorType>(table.getType());
      tables.push_back(json::Object{{"name", table.getSymName()},
                                    {"per", ops::stringifyRows(table.getRows())},
                                    {"shape", shapeOf(type.getShape())},
                                    {"dtype", dtypeName(type.getElementType())},
                                    {"init", table.getSetting()}});
    }
    if (!tables.empty())
      root["tables"] = std::move(tables);
    root["state_bytes"] = static_cast<int64_t>(program.getStateBytes().value_or(0));
  }

  void addTrain(ops::TrainOp train) {
    json::Array sets;
    for (auto [adversary, step] :
         llvm::zip_equal(train.getSets().getAsValueRange<StringAttr>(),
                         train.getMemberships().getAsRange<FlatSymbolRefAttr>()))
      sets.push_back(json::Object{{"adversary", adversary}, {"membership", step.getValue()}});
    json::Object entry{{"step", train.getStep()},
                       {"epochs", train.getEpochs()},
                       {"replays", static_cast<int64_t>(train.getReplays())},
                       {"sets", std::move(sets)}};
    if (train.getReplaySetting())
      entry["replays"] = *train.getReplaySetting();
    if (train.getStop())
      entry["stop"] = json::Object{{"step", *train.getStop()},
                                   {"measured", strings(*train.getMeasured())},
                                   {"keep_previous", train.getKeepPrevious()}};
    root["train"] = std::move(entry);
  }

  /// Words, or a list of words and settings, each with what the page gives it.
  json::Value reportEntry(ArrayAttr pieces) {
    if (pieces.size() == 1 && isa<StringAttr>(pieces[0]))
      return cast<StringAttr>(pieces[0]).getValue();
    json::Array result;
    for (Attribute piece : pieces) {
      if (auto words = dyn_cast<StringAttr>(piece)) {
        result.push_back(words.getValue());
        continue;
      }
      auto path = cast<DictionaryAttr>(piece).getAs<StringAttr>("setting");
      result.push_back(
          json::Object{{"setting", path.getValue()}, {"text", reports.lookup(path.getValue())}});
    }
    return result;
  }

  json::Object lineEntry(Operation &op) {
    json::Object entry;
    bool isInWorst = false;
    if (auto clean = dyn_cast<ops::CleanLineOp>(op)) {
      entry = json::Object{{"name", clean.getName()}, {"kind", "clean"}, {"step", clean.getStep()}};
      isInWorst = clean.getInWorst();
    } else if (auto attack = dyn_cast<ops::AttackLineOp>(op)) {
      entry =
          json::Object{{"name", attack.getName()},
                       {"kind", "adversary"},
                       {"step", attack.getStep()},
                       {"membership", attack.getMembership().value_or("")},
                       {"report", json::Object{{"objective", reportEntry(attack.getObjective())},
                                               {"solver", reportEntry(attack.getSolver())},
                                               {"over", reportEntry(attack.getOver())}}}};
      isInWorst = attack.getInWorst();
      if (std::optional<llvm::StringRef> index = attack.getIndex())
        entry["index"] = json::Object{{"setting", *index},
                                      {"value", attack.getIndexValue()->convertToDouble()},
                                      {"candidate", static_cast<int64_t>(*attack.getCandidate())}};
    } else {
      auto worst = cast<ops::WorstLineOp>(op);
      entry = json::Object{
          {"name", worst.getName()}, {"kind", "worst"}, {"of", strings(worst.getMembers())}};
      isInWorst = worst.getInWorst();
    }
    if (isInWorst)
      entry["in_worst"] = true;
    return entry;
  }

  json::Object evaluationEntry(ops::EvaluationOp evaluation) {
    json::Array attacks;
    for (Operation &line : evaluation.getBody().front())
      attacks.push_back(lineEntry(line));
    json::Object entry{
        {"name", evaluation.getSymName()},        {"split", evaluation.getSplit()},
        {"count", orNull(evaluation.getCount())}, {"every", orNull(evaluation.getEvery())},
        {"at_end", evaluation.getAtEnd()},        {"attacks", std::move(attacks)}};
    if (auto model = evaluation->getAttrOfType<StringAttr>(ops::kModelAttr)) {
      json::Object with{{"model", model.getValue()}};
      if (auto estimation = evaluation->getAttrOfType<FlatSymbolRefAttr>(ops::kEstimationAttr))
        with["estimation"] = estimation.getValue();
      if (evaluation->hasAttr(ops::kOwnStatisticsAttr))
        with["own_statistics"] = true;
      entry["with"] = std::move(with);
    }
    return entry;
  }

  ops::ProgramOp program;
  json::Object &root;
  llvm::StringMap<llvm::StringRef> reports; ///< What the page gives a setting, in numbers.
};

//===----------------------------------------------------------------------===//
// The steps
//===----------------------------------------------------------------------===//

json::Object portEntry(llvm::StringRef name, Type type, Attribute offset) {
  RankedTensorType tensor = bufferType(type);
  return json::Object{{"name", name},
                      {"arena", ops::isBatched(tensor) ? "batch" : "state"},
                      {"offset", cast<IntegerAttr>(offset).getInt()},
                      {"shape", shapeOf(ops::exampleShape(tensor))},
                      {"dtype", dtypeName(tensor.getElementType())}};
}

json::Object stepEntry(func::FuncOp step, llvm::ArrayRef<ops::LeafOp> leaves) {
  json::Array inputs, outputs;
  for (unsigned i = 0; i < step.getNumArguments(); ++i)
    if (auto name = step.getArgAttrOfType<StringAttr>(i, kInputAttr))
      inputs.push_back(
          portEntry(name.getValue(), step.getArgumentTypes()[i], step.getArgAttr(i, kOffsetAttr)));
  for (unsigned i = 0; i < step.getNumResults(); ++i)
    if (auto name = step.getResultAttrOfType<StringAttr>(i, kOutputAttr))
      outputs.push_back(
          portEntry(name.getValue(), step.getResultTypes()[i], step.getResultAttr(i, kOffsetAttr)));
  std::set<int64_t> slots;
  step.walk([&](ops::UniformOp op) { slots.insert(static_cast<int64_t>(op.getSlot())); });
  json::Object entry{{"name", step.getSymName()},
                     {"inputs", std::move(inputs)},
                     {"outputs", std::move(outputs)},
                     {"uniforms", json::Array(slots)},
                     {"state_arena", step->getAttrOfType<IntegerAttr>(kStateArenaAttr).getInt()},
                     {"batch_arena", step->getAttrOfType<IntegerAttr>(kBatchArenaAttr).getInt()}};
  if (step->hasAttr(kApartAttr))
    entry["apart"] = true;
  if (auto slot = step->getAttrOfType<IntegerAttr>(ops::kTwoExamplesAttr)) {
    // The slot of the layer's weight; the layer is what its name is before the last dot.
    auto place = static_cast<size_t>(slot.getInt());
    ops::LeafOp weight = place < leaves.size() ? leaves[place] : ops::LeafOp();
    entry["two_examples"] = weight ? weight.getSymName().rsplit('.').first : "";
  }
  return entry;
}

/// Who computes the library ops of all steps, by what algorithm, at how many places.
json::Array libraryEntries(ModuleOp module) {
  std::map<std::tuple<std::string, std::string, std::string>, int64_t> sites;
  for (auto step : module.getOps<func::FuncOp>())
    step.walk([&](Operation *op) {
      auto text = [&](llvm::StringRef name) {
        auto attribute = dyn_cast_or_null<StringAttr>(op->getInherentAttr(name).value_or(nullptr));
        return attribute ? attribute.str() : std::string();
      };
      if (!text("provider").empty())
        ++sites[{op->getName().stripDialect().str(), text("provider"), text("algorithm")}];
    });
  json::Array result;
  for (const auto &[call, count] : sites) {
    const auto &[op, provider, algorithm] = call;
    result.push_back(json::Object{
        {"op", op}, {"provider", provider}, {"algorithm", algorithm}, {"sites", count}});
  }
  return result;
}

/// The number of uniforms, and what each is computed from.
void addUniforms(func::FuncOp fill, json::Object &root) {
  // It gives the settings in force first, as many as it takes beside the clock.
  int64_t settings = static_cast<int64_t>(fill.getNumArguments()) - ADVX_CLOCK_HANDS;
  root["uniforms"] = static_cast<int64_t>(fill.getNumResults()) - settings;
  auto reads = fill->getAttrOfType<ArrayAttr>(kUniformReadsAttr);
  if (!reads)
    return;
  json::Array lists;
  for (Attribute names : reads)
    lists.push_back(strings(cast<ArrayAttr>(names)));
  root["uniform_reads"] = std::move(lists);
}

} // namespace

std::string manifestJson(ModuleOp module) {
  json::Object root{
      {"abi", ADVX_ABI_VERSION}, {"state", json::Array()}, {"state_bytes", 0}, {"uniforms", 0}};
  auto program = ops::ProgramOp::of(module);
  llvm::SmallVector<ops::LeafOp> leaves;
  if (program) {
    ProgramEntries(program, root).add();
    leaves = program.all<ops::LeafOp>();
  }
  json::Array steps;
  for (auto function : module.getOps<func::FuncOp>())
    if (function->hasAttr(kUniformsAttr))
      addUniforms(function, root);
    else if (function->hasAttr(kStepAttr))
      steps.push_back(stepEntry(function, leaves));
  root["steps"] = std::move(steps);
  if (json::Array library = libraryEntries(module); !library.empty())
    root["library"] = std::move(library);
  std::string text;
  llvm::raw_string_ostream(text) << json::Value(std::move(root));
  return text;
}

} // namespace advx::codegen
