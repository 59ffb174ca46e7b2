//===- ManifestParser.cpp - JSON to Manifest ------------------------------===//
//
// Every access names its path in the document, so that a program built by
// another version fails with the field at fault instead of a crash.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Error.h"
#include "runtime/core/Manifest.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

namespace advx::runtime {

namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void fail(const std::string &path, const std::string &problem) {
  throw dataError("the program's manifest: " + path + ": " + problem,
                  "build the page again with the `advx` that belongs to this runtime");
}

/// A value of the document together with its path.
class Node {
public:
  Node(const Json &json, std::string path) : json(json), path(std::move(path)) {}

  bool has(const char *key) const {
    return json.is_object() && json.contains(key) && !json[key].is_null();
  }
  Node at(const char *key) const {
    if (!has(key))
      fail(path, std::string("there is no `") + key + "`");
    return Node(json[key], path.empty() ? key : path + "." + key);
  }
  std::vector<Node> items(const char *key) const {
    Node list = at(key);
    if (!list.json.is_array())
      fail(list.path, "expected a list");
    std::vector<Node> result;
    result.reserve(list.json.size());
    for (size_t i = 0; i < list.json.size(); ++i)
      result.emplace_back(list.json[i], list.path + "[" + std::to_string(i) + "]");
    return result;
  }
  std::string text() const {
    if (!json.is_string())
      fail(path, "expected a string");
    return json.get<std::string>();
  }
  double number() const {
    if (!json.is_number())
      fail(path, "expected a number");
    return json.get<double>();
  }
  int64_t integer() const {
    if (!json.is_number_integer())
      fail(path, "expected an integer");
    return json.get<int64_t>();
  }
  uint64_t size() const {
    int64_t value = integer();
    if (value < 0)
      fail(path, "expected a number that is not negative");
    return uint64_t(value);
  }
  bool flag() const {
    if (!json.is_boolean())
      fail(path, "expected true or false");
    return json.get<bool>();
  }
  std::string text(const char *key, const char *otherwise) const {
    return has(key) ? at(key).text() : otherwise;
  }
  /// The path of a file. Bytes that are no UTF-8 stand beside it, each as two digits.
  std::string filePath(const char *key) const {
    const std::string bytes = std::string(key) + "_hex";
    if (!has(bytes.c_str()))
      return at(key).text();
    const std::string digits = at(bytes.c_str()).text();
    std::string result;
    for (size_t i = 0; i + 1 < digits.size(); i += 2) {
      unsigned char byte = 0;
      const char *end = digits.data() + i + 2;
      if (std::from_chars(digits.data() + i, end, byte, 16).ptr != end)
        fail(this->path + "." + bytes, "expected two hexadecimal digits for each byte");
      result += char(byte);
    }
    return result;
  }
  std::vector<std::string> texts(const char *key) const {
    std::vector<std::string> result;
    for (const Node &item : items(key))
      result.push_back(item.text());
    return result;
  }
  std::vector<int64_t> shape(const char *key) const {
    std::vector<int64_t> result;
    for (const Node &item : items(key)) {
      if (item.integer() <= 0)
        fail(item.path, "expected a positive extent");
      result.push_back(item.integer());
    }
    return result;
  }
  DType dtype(const char *key) const {
    std::string spelling = at(key).text();
#define ADVX_ELEMENT(id, code, ir, manifest, stored, bytes)                                        \
  if (spelling == (manifest))                                                                      \
    return DType(ADVX_##id);
#include "runtime/abi/elements.def"
    fail(path + "." + key, "`" + spelling + "` is not an element type");
  }

  const Json &json;
  std::string path;
};

class Parser {
public:
  explicit Parser(const Json &json) : root(json, "") {}

  Manifest parse() {
    if (root.at("abi").integer() != ADVX_ABI_VERSION)
      fail("abi", "version " + std::to_string(root.at("abi").integer()) +
                      ", and this runtime has " + std::to_string(ADVX_ABI_VERSION));
    parseHead();
    parseTexts();
    parseSettings();
    parseUniforms();
    parseData(root.at("data"));
    parseState();
    for (const Node &node : root.items("steps"))
      manifest.steps.push_back(parseStep(node));
    if (root.has("train"))
      parseTrain(root.at("train"));
    if (root.has("evaluations"))
      for (const Node &node : root.items("evaluations"))
        manifest.evaluations.push_back(parseEvaluation(node));
    if (!manifest.evaluations.empty() && !hasClean)
      fail("evaluations", "robust accuracy needs a `clean` line in one of the page's evaluations");
    if (root.has("keep"))
      parseKeep(root.at("keep"));
    if (root.has("sweep"))
      for (const Node &axis : root.items("sweep"))
        manifest.sweep.push_back({axis.at("setting").text(), axis.texts("values")});
    return std::move(manifest);
  }

private:
  void parseHead() {
    manifest.experiment = root.at("experiment").text();
    manifest.doc = root.text("doc", "");
    manifest.dtype = root.dtype("dtype");
    Node source = root.at("source");
    manifest.sourcePath = source.filePath("path");
    manifest.sourceText = source.at("text").text();
    manifest.sourceHash = source.at("sha256").text();
    Node compiler = root.at("compiler");
    manifest.compilerVersion = compiler.text("version", "");
    manifest.compilerLlvm = compiler.text("llvm", "");
    manifest.compilerOptions = compiler.text("options", "");
    manifest.compilerCpu = compiler.text("cpu", "");
    manifest.uniforms = root.at("uniforms").size();
  }

  void parseTexts() {
    if (root.has("texts"))
      for (const Node &node : root.items("texts"))
        manifest.texts.push_back(
            {node.filePath("path"), node.at("text").text(), node.at("sha256").text()});
    if (!root.has("sources"))
      return;
    for (const Node &node : root.items("sources")) {
      WeightSource source;
      source.model = node.at("model").text();
      source.file = node.filePath("file");
      source.folder = node.filePath("folder");
      source.line = node.has("line") ? node.at("line").integer() : 0;
      for (const Node &rename : node.items("renames"))
        source.renames.push_back({rename.at("theirs").text(), rename.at("ours").text()});
      source.skips = node.texts("skips");
      manifest.sources.push_back(std::move(source));
    }
  }

  size_t settingIndex(const std::string &path, const std::string &place) const {
    for (size_t i = 0; i < manifest.settings.size(); ++i)
      if (manifest.settings[i].path == path)
        return i;
    fail(place, "there is no setting `" + path + "`");
  }

  /// What each uniform follows from, for messages and for the steps that read it.
  void parseUniforms() {
    uniformSettings.resize(manifest.uniforms);
    uniformClock.resize(manifest.uniforms);
    manifest.uniformReads.resize(manifest.uniforms);
    if (!root.has("uniform_reads"))
      return;
    std::vector<Node> lists = root.items("uniform_reads");
    if (lists.size() != manifest.uniforms)
      fail("uniform_reads", "expected one list for each uniform");
    for (size_t slot = 0; slot < lists.size(); ++slot) {
      if (!lists[slot].json.is_array())
        fail(lists[slot].path, "expected a list");
      for (const Json &item : lists[slot].json) {
        std::string name = Node(item, lists[slot].path).text();
        std::string &text = manifest.uniformReads[slot];
        text += (text.empty() ? "`" : ", `") + name + "`";
        if (name == "epoch" || name == "iteration" || name == "epochs" || name == "iterations") {
          uniformClock[slot] = true;
          continue;
        }
        size_t index = settingIndex(name, lists[slot].path);
        uniformSettings[slot].insert(index);
        const Setting &setting = manifest.settings[index];
        uniformSettings[slot].insert(setting.reads.begin(), setting.reads.end());
        uniformClock[slot] = uniformClock[slot] || setting.isSchedule;
      }
    }
  }

  void parseSettings() {
    for (const Node &node : root.items("settings")) {
      Setting setting;
      setting.path = node.at("path").text();
      std::string kind = node.at("kind").text();
      if (kind == "int")
        setting.kind = Setting::Kind::Int;
      else if (kind == "real")
        setting.kind = Setting::Kind::Real;
      else if (kind == "bool")
        setting.kind = Setting::Kind::Bool;
      else
        fail(node.path + ".kind", "`" + kind + "` is not int, real or bool");
      setting.text = node.text("text", "");
      setting.origin = node.text("origin", "default");
      setting.line = node.has("line") ? node.at("line").integer() : 0;
      if (node.has("minimum"))
        setting.minimum = node.at("minimum").number();
      if (node.has("maximum"))
        setting.maximum = node.at("maximum").number();
      setting.openMinimum = node.has("open_minimum") && node.at("open_minimum").flag();
      setting.openMaximum = node.has("open_maximum") && node.at("open_maximum").flag();
      setting.isDerived = node.has("derived") && node.at("derived").flag();
      setting.isSchedule = node.has("schedule") && node.at("schedule").flag();
      if (node.has("reads"))
        for (const std::string &path : node.texts("reads"))
          setting.reads.push_back(settingIndex(path, node.path + ".reads"));
      manifest.settings.push_back(std::move(setting));
    }
    if (root.has("library"))
      for (const Node &node : root.items("library"))
        manifest.library.push_back({node.at("op").text(), node.at("provider").text(),
                                    node.text("algorithm", ""), node.at("sites").integer()});
    if (!root.has("structural"))
      return;
    for (const Node &node : root.items("structural"))
      manifest.structural.push_back({node.at("path").text(), node.text("text", ""),
                                     node.text("origin", "page"),
                                     node.has("line") ? node.at("line").integer() : 0});
    for (const StructuralSetting &structural : manifest.structural)
      for (Setting &setting : manifest.settings)
        setting.isStructural |= setting.path == structural.path;
  }

  Quantity quantity(const Node &node) {
    Quantity result;
    if (!node.json.is_string()) {
      result.number = node.number();
      return result;
    }
    result.setting = settingIndex(node.text(), node.path);
    return result;
  }

  void parseData(const Node &node) {
    DataDescription &data = manifest.data;
    data.name = node.at("name").text();
    data.format = node.at("format").text();
    data.image = node.shape("image");
    data.classes = node.at("classes").integer();
    if (data.classes < 1)
      fail(node.path + ".classes", "expected at least one class");
    if (node.has("range")) {
      std::vector<Node> range = node.items("range");
      if (range.size() != 2)
        fail(node.path + ".range", "expected two numbers");
      data.low = range[0].number();
      data.high = range[1].number();
    }
    data.train = node.texts("train");
    data.test = node.texts("test");
    data.archive = node.text("archive", "");
    if (node.has("label_bytes"))
      data.labelBytes = node.at("label_bytes").integer();
    if (data.labelBytes < 1)
      fail(node.path + ".label_bytes", "expected at least one byte");
    if (node.has("names")) {
      data.names = node.texts("names");
      if (int64_t(data.names.size()) != data.classes)
        fail(node.path + ".names", "expected a name a class");
    }
    if (node.has("valid"))
      data.valid = quantity(node.at("valid"));
    data.batch = quantity(node.at("batch"));
    std::string last = node.text("last", "keep");
    if (last != "keep" && last != "drop")
      fail(node.path + ".last", "`" + last + "` is not keep or drop");
    data.dropLast = last == "drop";
  }

  Initializer parseInitializer(const Node &node) {
    Initializer init;
    std::string kind = node.at("kind").text();
    if (kind == "constant") {
      init.first = node.at("value").number();
      if (node.has("setting"))
        init.setting = settingIndex(node.at("setting").text(), node.path);
    } else if (kind == "copy") {
      const std::string of = node.at("of").text();
      auto found = std::find_if(manifest.state.begin(), manifest.state.end(),
                                [&](const Leaf &leaf) { return leaf.name == of; });
      if (found == manifest.state.end())
        fail(node.path + ".of", "there is no leaf `" + of + "` before it");
      init.copied = size_t(found - manifest.state.begin());
    } else if (kind == "uniform") {
      init.kind = Initializer::Kind::Uniform;
      init.first = node.at("low").number();
      init.second = node.at("high").number();
    } else if (kind == "normal") {
      init.kind = Initializer::Kind::Normal;
      init.first = node.at("mean").number();
      init.second = node.at("std").number();
    } else {
      fail(node.path + ".kind", "`" + kind + "` is not an initialiser");
    }
    return init;
  }

  void parseState() {
    manifest.stateBytes = root.at("state_bytes").size();
    std::set<std::string> names;
    for (const Node &node : root.items("state")) {
      Leaf leaf;
      leaf.name = node.at("name").text();
      leaf.role = node.at("role").text();
      leaf.shape = node.shape("shape");
      leaf.dtype = node.dtype("dtype");
      leaf.offset = node.at("offset").size();
      leaf.init = parseInitializer(node.at("init"));
      leaf.trainable = node.has("trainable") && node.at("trainable").flag();
      if (node.has("from")) {
        Node from = node.at("from");
        leaf.source = from.at("source").size();
        if (*leaf.source >= manifest.sources.size())
          fail(from.path + ".source", "there is no such source");
        if (from.has("rename"))
          leaf.rename = from.at("rename").size();
        if (leaf.rename && *leaf.rename >= manifest.sources[*leaf.source].renames.size())
          fail(from.path + ".rename", "there is no such renaming");
        leaf.importKeys = from.texts("keys");
      }
      if (leaf.init.copied && (manifest.state[*leaf.init.copied].shape != leaf.shape ||
                               manifest.state[*leaf.init.copied].dtype != leaf.dtype))
        fail(node.path + ".init", "the leaf that it copies is of another shape or type");
      if (!names.insert(leaf.name).second)
        fail(node.path, "a second leaf is called `" + leaf.name + "`");
      if (leaf.offset > manifest.stateBytes || leaf.bytes() > manifest.stateBytes - leaf.offset)
        fail(node.path,
             "the leaf ends behind the " + std::to_string(manifest.stateBytes) + " bytes of state");
      manifest.state.push_back(std::move(leaf));
    }
    if (!root.has("tables"))
      return;
    for (const Node &node : root.items("tables")) {
      Table table;
      table.name = node.at("name").text();
      std::string per = node.at("per").text();
      if (per != "slot" && per != "example")
        fail(node.path + ".per", "`" + per + "` is not slot or example");
      table.perExample = per == "example";
      table.shape = node.shape("shape");
      table.dtype = node.dtype("dtype");
      table.init = settingIndex(node.at("init").text(), node.path + ".init");
      if (!names.insert(table.name).second)
        fail(node.path, "a second state is called `" + table.name + "`");
      manifest.tables.push_back(std::move(table));
    }
  }

  Slot parseSlot(const Node &node, const Step &step) {
    Slot slot;
    slot.name = node.at("name").text();
    std::string arena = node.at("arena").text();
    if (arena != "batch" && arena != "state")
      fail(node.path + ".arena", "`" + arena + "` is not batch or state");
    slot.batched = arena == "batch";
    slot.offset = node.at("offset").size();
    slot.shape = node.shape("shape");
    slot.dtype = node.dtype("dtype");
    uint64_t limit = slot.batched ? step.batchArena : step.stateArena;
    if (slot.offset > limit || slot.rowBytes() > limit - slot.offset)
      fail(node.path, "the value ends behind its arena");
    return slot;
  }

  Step parseStep(const Node &node) {
    Step step;
    step.name = node.at("name").text();
    step.stateArena = node.at("state_arena").size();
    step.batchArena = node.at("batch_arena").size();
    step.apart = node.has("apart") && node.at("apart").flag();
    if (node.has("two_examples"))
      step.twoExamples = node.at("two_examples").text();
    if (step.stateArena < manifest.stateBytes)
      fail(node.path + ".state_arena", "shorter than the state");
    for (const Node &input : node.items("inputs"))
      step.inputs.push_back(parseSlot(input, step));
    for (const Node &output : node.items("outputs"))
      step.outputs.push_back(parseSlot(output, step));
    checkInputs(node, step);
    for (const Slot &output : step.outputs)
      for (const Table &table : manifest.tables)
        if (output.name == table.slot() && !holdsRows(output, table))
          fail(node.path + ".outputs", "`" + output.name + "` does not hold rows of that state");
    if (!node.has("uniforms"))
      return step;
    std::set<size_t> settings;
    for (const Node &slot : node.items("uniforms")) {
      if (slot.size() >= manifest.uniforms)
        fail(slot.path, "there is no such uniform");
      step.uniforms.push_back(slot.size());
      settings.insert(uniformSettings[slot.size()].begin(), uniformSettings[slot.size()].end());
      step.readsClock |= uniformClock[slot.size()];
    }
    step.settings.assign(settings.begin(), settings.end());
    return step;
  }

  static bool holdsRows(const Slot &slot, const Table &table) {
    return slot.batched && slot.shape == table.shape && slot.dtype == table.dtype;
  }

  /// Whether the input is what training fills beside the data: the rows of a table, the number of
  /// the batch, an accuracy.
  bool isOfTraining(const Slot &slot) {
    for (const Table &table : manifest.tables)
      if (slot.name == table.slot())
        return holdsRows(slot, table);
    if (slot.batched || !slot.shape.empty())
      return false;
    if (slot.name == "batch")
      return slot.dtype == DType::I64;
    if (slot.dtype != DType::F32 && slot.dtype != DType::F64)
      return false;
    std::vector<std::string> measured;
    if (root.has("train") && root.at("train").has("stop"))
      measured = root.at("train").at("stop").texts("measured");
    return std::count(measured.begin(), measured.end(), slot.name) != 0;
  }

  /// The inputs are what the runtime knows how to fill.
  void checkInputs(const Node &node, const Step &step) {
    for (const Slot &slot : step.inputs) {
      if (isOfTraining(slot))
        continue;
      bool known = (slot.name == "x" && slot.shape == manifest.data.image &&
                    (slot.dtype == DType::F32 || slot.dtype == DType::F64)) ||
                   ((slot.name == "y" || slot.name == "index") && slot.shape.empty() &&
                    slot.dtype == DType::I64);
      if (!known || !slot.batched)
        fail(node.path + ".inputs", "`" + slot.name + "` of shape " + formatShape(slot.shape) +
                                        " and type " + name(slot.dtype) +
                                        " is not an input that data can fill");
    }
  }

  size_t stepIndex(const Node &node) {
    std::string wanted = node.text();
    for (size_t i = 0; i < manifest.steps.size(); ++i)
      if (manifest.steps[i].name == wanted)
        return i;
    fail(node.path, "there is no step `" + wanted + "`");
  }

  void requireOutput(const Node &node, const Step &step, const char *output, bool batched,
                     bool boolean) {
    const Slot *slot = step.output(output);
    bool typeFits = slot && (boolean ? slot->dtype == DType::Bool
                                     : slot->dtype == DType::F32 || slot->dtype == DType::F64);
    if (!typeFits || slot->batched != batched || !slot->shape.empty())
      fail(node.path, "step `" + step.name + "` lacks a " + (batched ? "per-example " : "scalar ") +
                          "output `" + output + "`");
  }

  size_t membership(const Node &node) {
    size_t step = stepIndex(node.at("membership"));
    requireOutput(node, manifest.steps[step], "outside", true, false);
    return step;
  }

  void parseTrain(const Node &node) {
    TrainDescription train;
    train.step = stepIndex(node.at("step"));
    train.epochs = quantity(node.at("epochs"));
    train.replays.number = 1;
    if (node.has("replays"))
      train.replays = quantity(node.at("replays"));
    requireOutput(node, manifest.steps[train.step], "loss", false, false);
    if (node.has("sets"))
      for (const Node &set : node.items("sets"))
        train.sets.push_back({set.at("adversary").text(), membership(set)});
    if (node.has("stop")) {
      Node stop = node.at("stop");
      train.stop = StopDescription{stepIndex(stop.at("step")), stop.texts("measured"),
                                   stop.at("keep_previous").flag()};
      requireOutput(stop, manifest.steps[train.stop->step], "stop", false, true);
    }
    manifest.train = train;
  }

  /// Words, or a list of words and settings.
  ReportText reportText(const Node &node) {
    ReportText result;
    if (node.json.is_string()) {
      result.push_back({node.text(), std::nullopt});
      return result;
    }
    if (!node.json.is_array())
      fail(node.path, "expected words or a list");
    for (size_t i = 0; i < node.json.size(); ++i) {
      Node piece(node.json[i], node.path + "[" + std::to_string(i) + "]");
      if (piece.json.is_string())
        result.push_back({piece.text(), std::nullopt});
      else
        result.push_back({piece.text("text", ""), quantity(piece.at("setting")).setting});
    }
    return result;
  }

  Attack parseAttack(const Node &node) {
    Attack attack;
    attack.name = node.at("name").text();
    attack.inWorst = node.has("in_worst") && node.at("in_worst").flag();
    std::string kind = node.at("kind").text();
    if (kind == "clean")
      attack.kind = Attack::Kind::Clean;
    else if (kind == "adversary")
      attack.kind = Attack::Kind::Adversary;
    else if (kind == "worst")
      attack.kind = Attack::Kind::Worst;
    else
      fail(node.path + ".kind", "`" + kind + "` is not clean, adversary or worst");
    if (attack.kind == Attack::Kind::Worst) {
      attack.of = node.texts("of");
    } else {
      attack.step = stepIndex(node.at("step"));
      const Step &step = manifest.steps[attack.step];
      requireOutput(node, step, "correct", true, true);
      requireOutput(node, step, "finite", true, true);
      if (attack.kind == Attack::Kind::Adversary)
        requireOutput(node, step, "inside", true, true);
      if (node.has("membership"))
        attack.membership = membership(node);
      if (node.has("index")) {
        const Node index = node.at("index");
        attack.index = settingIndex(index.at("setting").text(), index.path);
        attack.indexValue = index.at("value").number();
        attack.candidate = uint64_t(index.at("candidate").integer());
      }
    }
    if (node.has("report"))
      for (const auto &[key, value] : node.at("report").json.items())
        attack.report.emplace_back(key, reportText(node.at("report").at(key.c_str())));
    return attack;
  }

  EvaluatedModel parseModel(const Node &node) {
    EvaluatedModel model;
    model.text = node.at("model").text();
    model.ownStatistics = node.has("own_statistics") && node.at("own_statistics").flag();
    if (node.has("estimation"))
      model.estimation = stepIndex(node.at("estimation"));
    return model;
  }

  Evaluation parseEvaluation(const Node &node) {
    Evaluation evaluation;
    evaluation.name = node.at("name").text();
    evaluation.split = node.at("split").text();
    if (evaluation.split != "train" && evaluation.split != "valid" && evaluation.split != "test")
      fail(node.path + ".split", "`" + evaluation.split + "` is not train, valid or test");
    if (node.has("count"))
      evaluation.count = quantity(node.at("count"));
    if (node.has("every"))
      evaluation.every = quantity(node.at("every"));
    evaluation.atEnd = node.has("at_end") && node.at("at_end").flag();
    if (node.has("with"))
      evaluation.with = parseModel(node.at("with"));
    for (const Node &item : node.items("attacks"))
      evaluation.attacks.push_back(parseAttack(item));
    for (const Attack &attack : evaluation.attacks)
      hasClean |= attack.kind == Attack::Kind::Clean;
    for (const Attack &attack : evaluation.attacks)
      for (const std::string &part : attack.of)
        if (const Attack *found = evaluation.attack(part); !found || found >= &attack)
          fail(node.path, "`" + attack.name + "` names the attack `" + part +
                              "`, which does not stand before it in this evaluation");
    return evaluation;
  }

  void parseKeep(const Node &node) {
    Keep keep{node.at("evaluation").text(), node.at("attack").text()};
    const Evaluation *evaluation = manifest.evaluation(keep.evaluation);
    if (!evaluation || !evaluation->attack(keep.attack))
      fail(node.path, "there is no `" + keep.evaluation + "." + keep.attack + "`");
    if (!evaluation->every)
      fail(node.path, "`" + keep.evaluation + "` does not run during training");
    manifest.keep = std::move(keep);
  }

  Node root;
  Manifest manifest;
  bool hasClean = false;                         ///< in any evaluation
  std::vector<std::set<size_t>> uniformSettings; ///< that each follows from, through all others
  std::vector<bool> uniformClock;                ///< whether it changes with the clock
};

} // namespace

Manifest parseManifest(std::string_view text) {
  Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object())
    fail("the document", "not a JSON object");
  return Parser(json).parse();
}

} // namespace advx::runtime
