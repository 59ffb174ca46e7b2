//===- Manifest.cpp - What the runtime is told, apart from offsets ---------===//

#include "compiler/lower/Lower.h"
#include "compiler/sema/Checked.h"
#include "compiler/sema/Visit.h"
#include "compiler/source/Source.h"
#include "runtime/abi/advx_abi.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

namespace fs = std::filesystem;
namespace json = llvm::json;

namespace advx::lower {

std::vector<StateLeaf> stateLeaves(const sema::Experiment &page) {
  static const char *const initKinds[] = {"constant", "uniform", "normal"};
  std::vector<StateLeaf> leaves;
  leaves.reserve(page.leaves.size());
  for (const sema::Leaf *leaf : page.leaves)
    leaves.push_back({leaf->name, leaf->isBuffer ? "buffer" : "parameter", leaf->shape,
                      leaf->trainable && !leaf->isBuffer && page.outer.has_value(), leaf->init.a,
                      leaf->init.b, initKinds[static_cast<int>(leaf->init.kind)], leaf->source,
                      leaf->rename, leaf->keys,
                      leaf->project ? leaf->project->symbol : std::string()});
  if (!page.outer)
    return leaves;
  size_t weights = leaves.size();
  for (const sema::Optimizer::State &state : page.outer->optimizer.states)
    for (size_t i = 0; i < weights; ++i)
      if (leaves[i].trainable)
        leaves.push_back({"outer." + state.name + "[" + leaves[i].name + "]",
                          "optimizer",
                          leaves[i].shape,
                          false,
                          state.init.toDouble(),
                          0,
                          "constant",
                          std::nullopt,
                          std::nullopt,
                          {},
                          ""});
  return leaves;
}

std::string membershipStep(const sema::Experiment &page, const sema::Adversary &adversary) {
  bool plain = true, closed = true;
  for (auto [arg, param] : llvm::zip(adversary.setArgs, adversary.set->params)) {
    const sema::Local *own = param->name == page.x->name ? page.x : page.y;
    plain &= arg->kind == sema::Expr::Kind::Local && arg->local == own;
    sema::visitExprs(arg, [&](const sema::Expr &expr) {
      for (const sema::Adversary *inner : page.inner)
        closed &= expr.local != inner->variable;
    });
  }
  if (!closed)
    return "";
  return "x in " + (plain ? adversary.set->name : "the set of " + adversary.path);
}

double membershipTolerance(const sema::Data &data) {
  constexpr double levels = 255, unit = 0x1p-24; // of f32
  return std::max((data.high - data.low) / levels / 1000,
                  32 * unit * std::max(std::abs(data.low), std::abs(data.high)));
}

static const char *kindName(sema::Type::Element element) {
  switch (element) {
  case sema::Type::Element::Real:
    return "real";
  case sema::Type::Element::Int:
    return "int";
  case sema::Type::Element::Bool:
    return "bool";
  }
  return "real";
}

/// What the value of a setting follows from.
struct Reads {
  std::set<size_t> settings; ///< Through all others.
  bool clock = false;        ///< It is a schedule.
};

/// Settings read those before them.
static std::vector<Reads> settingReads(const sema::Experiment &page) {
  std::vector<Reads> result(page.settings.size());
  for (auto [index, setting] : llvm::enumerate(page.settings)) {
    Reads &reads = result[index];
    sema::visitExprs(setting.value, [&](const sema::Expr &part) {
      reads.clock |= part.kind == sema::Expr::Kind::Clock;
      if (part.kind != sema::Expr::Kind::Setting)
        return;
      const Reads &below = result[part.index];
      reads.settings.insert(part.index);
      reads.settings.insert(below.settings.begin(), below.settings.end());
      reads.clock |= below.clock;
    });
  }
  return result;
}

static std::string sha256(llvm::StringRef text) {
  auto digest = llvm::SHA256::hash(
      llvm::ArrayRef(reinterpret_cast<const uint8_t *>(text.data()), text.size()));
  return llvm::toHex(digest, /*LowerCase=*/true);
}

/// Sets the path of a file. JSON holds UTF-8 alone, and a path any bytes: where it is no UTF-8, its
/// bytes follow under a key of their own, so that the runtime knows the file.
static void setPath(json::Object &entry, llvm::StringRef key, llvm::StringRef path) {
  if (!json::isUTF8(path))
    entry[(key + "_hex").str()] = llvm::toHex(path, /*LowerCase=*/true);
  entry[key.str()] = json::fixUTF8(path);
}

/// The files that the page was read with: imports, relative to its folder, and texts of the
/// standard library; in the order of their names.
static json::Array texts(const sema::Experiment &page, const SourceManager &sources) {
  std::map<std::string, const SourceFile *> files;
  for (uint32_t i = 0; i < sources.size(); ++i) {
    const SourceFile &file = sources.file(i);
    if (i == page.span.file)
      continue;
    fs::path path(file.path);
    if (file.path.compare(0, 1, "<") != 0)
      path = fs::absolute(path).lexically_normal().lexically_relative(
          fs::absolute(page.path).lexically_normal().parent_path());
    files[path.string()] = &file;
  }
  json::Array result;
  for (const auto &[path, file] : files) {
    json::Object entry{{"text", json::fixUTF8(file->text)}, {"sha256", sha256(file->text)}};
    setPath(entry, "path", path);
    result.push_back(std::move(entry));
  }
  return result;
}

/// The files of weights. Their folder is that of the page, so that an executable finds them from
/// wherever it runs.
static json::Array modelSources(const sema::Experiment &page, const SourceManager &sources) {
  json::Array result;
  std::string folder = fs::absolute(page.path).lexically_normal().parent_path().string();
  for (const sema::ModelSource &source : page.sources) {
    json::Array renames;
    for (const sema::ModelSource::Rename &rename : source.renames)
      renames.push_back(json::Object{{"theirs", rename.theirs}, {"ours", rename.ours}});
    json::Object entry{
        {"model", source.model},
        {"line", int64_t(sources.lineColumn(source.span.file, source.span.begin).line)},
        {"renames", std::move(renames)},
        {"skips", json::Array(source.skips)}};
    setPath(entry, "file", source.file);
    setPath(entry, "folder", folder);
    result.push_back(std::move(entry));
  }
  return result;
}

static json::Array settings(const sema::Experiment &page, const SourceManager &sources) {
  json::Array result;
  std::vector<Reads> reads = settingReads(page);
  for (auto [index, setting] : llvm::enumerate(page.settings)) {
    json::Object entry{{"path", setting.path},
                       {"kind", kindName(setting.element)},
                       {"text", setting.text},
                       {"origin", setting.isDefault ? "default" : "page"}};
    entry["line"] = setting.span.isValid()
                        ? int64_t(sources.lineColumn(setting.span.file, setting.span.begin).line)
                        : 0;
    const sema::Range &range = setting.range;
    if (range.minimum)
      entry["minimum"] = *range.minimum;
    if (range.maximum)
      entry["maximum"] = *range.maximum;
    if (range.openMinimum)
      entry["open_minimum"] = true;
    if (range.openMaximum)
      entry["open_maximum"] = true;
    if (setting.isDerived)
      entry["derived"] = true;
    if (reads[index].clock)
      entry["schedule"] = true;
    if (!reads[index].settings.empty()) {
      json::Array paths;
      for (size_t read : reads[index].settings)
        paths.push_back(page.settings[read].path);
      entry["reads"] = std::move(paths);
    }
    result.push_back(std::move(entry));
  }
  return result;
}

static json::Array state(const sema::Experiment &page, const Options &options) {
  json::Array result;
  for (const StateLeaf &leaf : stateLeaves(page)) {
    json::Object init{{"kind", leaf.initKind}};
    llvm::StringRef kind = leaf.initKind;
    if (kind == "constant") {
      init["value"] = leaf.initA;
    } else {
      init[kind == "uniform" ? "low" : "mean"] = leaf.initA;
      init[kind == "uniform" ? "high" : "std"] = leaf.initB;
    }
    json::Object entry{{"name", leaf.name},
                       {"role", leaf.role},
                       {"shape", json::Array(leaf.shape)},
                       {"dtype", options.f64 ? "f64" : "f32"},
                       {"init", std::move(init)},
                       {"trainable", leaf.trainable}};
    if (leaf.source) {
      json::Object from{{"source", int64_t(*leaf.source)}, {"keys", json::Array(leaf.keys)}};
      if (leaf.rename)
        from["rename"] = int64_t(*leaf.rename);
      entry["from"] = std::move(from);
    }
    result.push_back(std::move(entry));
  }
  return result;
}

/// Words, or a list of words and settings, each with what the page gives it.
static json::Value report(const sema::Experiment &page, const sema::ReportText &text) {
  if (text.size() == 1 && !text.front().setting)
    return text.front().text;
  json::Array pieces;
  for (const sema::ReportPiece &piece : text)
    if (piece.setting)
      pieces.push_back(json::Object{{"setting", page.settings[*piece.setting].path},
                                    {"text", page.settings[*piece.setting].report}});
    else
      pieces.push_back(piece.text);
  return pieces;
}

static json::Object attack(const sema::Experiment &page, const sema::Evaluation &evaluation,
                           const sema::EvaluationItem &item) {
  json::Object entry{{"name", item.name}};
  if (item.inWorst)
    entry["in_worst"] = true;
  switch (item.kind) {
  case sema::EvaluationItem::Kind::Clean:
    entry["kind"] = "clean";
    entry["step"] = evaluation.name + "." + item.name;
    break;
  case sema::EvaluationItem::Kind::Adversary:
    entry["kind"] = "adversary";
    entry["step"] = item.adversary->path;
    entry["membership"] = membershipStep(page, *item.adversary);
    entry["report"] = json::Object{{"objective", report(page, item.adversary->objectiveReport)},
                                   {"solver", report(page, item.adversary->solverReport)},
                                   {"over", report(page, item.adversary->setReport)}};
    break;
  case sema::EvaluationItem::Kind::Worst:
    entry["kind"] = "worst";
    entry["of"] = json::Array(item.of);
    break;
  }
  return entry;
}

static json::Array evaluations(const sema::Experiment &page) {
  json::Array result;
  for (const sema::Evaluation &evaluation : page.evaluations) {
    json::Array attacks;
    for (const sema::EvaluationItem &item : evaluation.items)
      attacks.push_back(attack(page, evaluation, item));
    result.push_back(json::Object{
        {"name", evaluation.name},
        {"split", evaluation.split},
        {"count", evaluation.count ? json::Value(*evaluation.count) : json::Value(nullptr)},
        {"every", evaluation.every ? json::Value(*evaluation.every) : json::Value(nullptr)},
        {"at_end", evaluation.atEnd},
        {"attacks", std::move(attacks)}});
  }
  return result;
}

std::string manifest(const sema::Experiment &page, const SourceManager &sources,
                     const Options &options) {
  json::Array structural;
  for (const sema::Structural &entry : page.structural)
    structural.push_back(json::Object{
        {"path", entry.path},
        {"text", entry.text},
        {"origin", entry.isDefault ? "default" : "page"},
        {"line", entry.span.isValid()
                     ? int64_t(sources.lineColumn(entry.span.file, entry.span.begin).line)
                     : 0}});

  json::Object source{{"text", page.text}, {"sha256", sha256(page.text)}};
  setPath(source, "path", page.path);
  json::Object root{{"abi", ADVX_ABI_VERSION},
                    {"experiment", page.name},
                    {"doc", page.doc},
                    {"dtype", options.f64 ? "f64" : "f32"},
                    {"source", std::move(source)},
                    {"texts", texts(page, sources)},
                    {"sources", modelSources(page, sources)},
                    {"compiler", json::Object{{"version", ADVX_VERSION},
                                              {"llvm", LLVM_VERSION_STRING},
                                              {"options", "-O" + std::to_string(options.level)},
                                              {"cpu", options.cpu}}},
                    {"data", json::Object{{"name", page.data.name},
                                          {"format", page.data.format},
                                          {"image", json::Array(page.data.image)},
                                          {"classes", page.data.classes},
                                          {"range", json::Array{page.data.low, page.data.high}},
                                          {"train", json::Array(page.data.train)},
                                          {"test", json::Array(page.data.test)},
                                          {"valid", page.data.valid},
                                          {"last", page.data.dropLast ? "drop" : "keep"},
                                          {"batch", page.data.batch}}},
                    {"settings", settings(page, sources)},
                    {"structural", std::move(structural)},
                    {"state", state(page, options)},
                    {"evaluations", evaluations(page)}};
  if (page.outer) {
    json::Array sets;
    for (const sema::Adversary *inner : page.inner)
      if (std::string step = membershipStep(page, *inner); !step.empty())
        sets.push_back(json::Object{{"adversary", inner->path}, {"membership", step}});
    root["train"] = json::Object{{"step", "train_step"},
                                 {"epochs", page.outer->epochs},
                                 {"replays", 1},
                                 {"sets", std::move(sets)}};
  }
  if (page.keep)
    root["keep"] = json::Object{{"evaluation", page.keep->evaluation}, {"attack", page.keep->item}};

  std::string text;
  llvm::raw_string_ostream(text) << json::Value(std::move(root));
  return text;
}

} // namespace advx::lower
