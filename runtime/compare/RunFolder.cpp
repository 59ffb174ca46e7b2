#include "runtime/compare/RunFolder.h"

#include "runtime/core/Error.h"
#include "runtime/core/Files.h"
#include "runtime/core/InputFile.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace advx::runtime {

namespace {

using Json = nlohmann::json;

/// What a run writes is far below both.
constexpr int depthLimit = 32;
constexpr size_t recordLimit = size_t(64) << 20;

/// A JSON object from outside.
class Record {
public:
  Record(const std::string &file, std::string_view text) : file(file) {
    json = Json::parse(
        text.begin(), text.end(),
        [&](int depth, Json::parse_event_t, Json &) {
          if (depth > depthLimit)
            fail("it is nested deeper than " + std::to_string(depthLimit));
          return true;
        },
        /*allow_exceptions=*/false);
    if (!json.is_object())
      fail("it is no JSON object");
  }

  [[noreturn]] void fail(const std::string &what) const {
    throw dataError("`" + file + "` is not what a run writes: " + what);
  }

  const Json *find(const Json &object, const char *key) const {
    auto found = object.is_object() ? object.find(key) : object.end();
    return !object.is_object() || found == object.end() ? nullptr : &*found;
  }
  std::string text(const Json &object, const char *key) const {
    const Json *value = find(object, key);
    if (!value || !value->is_string())
      fail("`" + std::string(key) + "` is no text");
    return value->get<std::string>();
  }
  int64_t count(const Json &object, const char *key) const {
    const Json *value = find(object, key);
    if (!value || !value->is_number_integer() || *value < 0 || *value > INT64_MAX)
      fail("`" + std::string(key) + "` is no count");
    return value->get<int64_t>();
  }
  /// A number from 0 to 1.
  double share(const Json &object, const char *key) const {
    const Json *value = find(object, key);
    if (!value || !value->is_number() || !(*value >= 0 && *value <= 1))
      fail("`" + std::string(key) + "` is no number from 0 to 1");
    return value->get<double>();
  }
  const Json &list(const Json &object, const char *key) const {
    const Json *value = find(object, key);
    if (!value || !value->is_array())
      fail("`" + std::string(key) + "` is no list");
    return *value;
  }

  const std::string &file;
  Json json;
};

std::string readRecord(const std::string &path) {
  InputFile file(path, "record of a run");
  std::string text(size_t(std::min<uint64_t>(file.size(), recordLimit)) + 1, '\0');
  text.resize(file.read(text.data(), text.size()));
  if (text.size() > recordLimit)
    throw dataError("`" + path + "` is larger than what a run writes");
  return text;
}

std::string valueText(const Json &value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Flattens run.json to named texts, leaving out what the numbers do not depend on.
class Facts {
public:
  explicit Facts(const Record &record) : record(record) {}

  std::vector<std::pair<std::string, std::string>> collect() {
    const Json &root = record.json;
    static constexpr std::pair<const char *, const char *> first[] = {
        {"experiment", "experiment"}, {"source", "page"}, {"seed", "seed"},
        {"limit", "limit"},           {"init", "init"},   {"data", "data"}};
    for (auto [key, name] : first)
      if (const Json *value = record.find(root, key))
        add(name, *value);
    for (const char *key : {"settings", "structural"})
      for (const Json &entry : record.list(root, key))
        addSetting(entry);
    static const std::set<std::string> others = {
        "experiment", "source", "seed",    "limit", "init",    "data",    "settings",
        "structural", "format", "status",  "error", "started", "resumed", "ended",
        "replay",     "argv",   "threads", "host",  "doc"};
    for (const auto &[key, value] : root.items())
      if (!others.count(key))
        add(key, value);
    return std::move(facts);
  }

private:
  void addSetting(const Json &entry) {
    const Json *value = record.find(entry, "value");
    facts.emplace_back(record.text(entry, "path"), value ? valueText(*value) : "");
  }

  void add(const std::string &name, const Json &value) {
    if (value.is_object()) {
      bool hasHash = value.contains("sha256");
      for (const auto &[key, part] : value.items()) {
        bool isLeftOut =
            key == "origin" || key == "directory" || (hasHash && (key == "text" || key == "path"));
        if (!isLeftOut)
          add(key == "sha256" || key == "value" ? name : name + "." + key, part);
      }
    } else if (value.is_array() && !value.empty() && value[0].is_object()) {
      for (size_t i = 0; i < value.size(); ++i)
        add(name + "." + elementName(value[i], i), value[i]);
    } else {
      facts.emplace_back(name, valueText(value));
    }
  }

  std::string elementName(const Json &element, size_t index) const {
    for (const char *key : {"path", "name", "op"})
      if (const Json *value = record.find(element, key); value && value->is_string())
        return value->get<std::string>();
    return std::to_string(index);
  }

  const Record &record;
  std::vector<std::pair<std::string, std::string>> facts;
};

RecordedAttack readAttack(const Record &record, const Json &entry) {
  RecordedAttack attack;
  attack.name = record.text(entry, "name");
  attack.accuracy = record.share(entry, "accuracy");
  attack.standardError = record.share(entry, "standard_error");
  attack.count = record.count(entry, "n");
  for (const char *doubt : {"outside", "nonfinite"})
    if (const Json *value = record.find(entry, doubt); value && *value != 0)
      attack.doubts.emplace_back(doubt, record.count(entry, doubt));
  const Json *report = record.find(entry, "report");
  for (auto [key, word] : {std::pair("objective", "max "), {"over", " over "}, {"solver", " by "}})
    if (const Json *value = report ? record.find(*report, key) : nullptr; value)
      attack.how += word + valueText(*value);
  return attack;
}

RecordedEvaluation readEvaluation(const Record &record, const Json &entry) {
  RecordedEvaluation evaluation;
  evaluation.name = record.text(entry, "name");
  evaluation.split = record.text(entry, "split");
  evaluation.weights = record.text(entry, "weights");
  evaluation.epoch = record.count(entry, "epoch");
  for (const Json &attack : record.list(entry, "attacks"))
    evaluation.attacks.push_back(readAttack(record, attack));
  return evaluation;
}

/// Puts the evaluation in place of one of the same name and weights, or at the end.
void keepLast(std::vector<RecordedEvaluation> &evaluations, RecordedEvaluation evaluation) {
  auto same = std::find_if(evaluations.begin(), evaluations.end(), [&](const auto &other) {
    return other.name == evaluation.name && other.weights == evaluation.weights;
  });
  if (same == evaluations.end())
    evaluations.push_back(std::move(evaluation));
  else
    *same = std::move(evaluation);
}

/// Whole lines only: the last one of a killed run may have been cut off.
void readEvents(const std::string &path, RecordedRun &run) {
  std::string text = readRecord(path);
  size_t begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    Record event(path, std::string_view(text).substr(begin, end - begin));
    run.lastEpoch = event.count(event.json, "epoch");
    if (event.text(event.json, "event") == "evaluation")
      keepLast(run.evaluations, readEvaluation(event, event.json));
  }
}

} // namespace

RecordedRun readRun(const std::string &path) {
  if (!fileExists(joinPath(path, "run.json")))
    throw dataError("`" + path + "` holds no run: there is no run.json in it",
                    "name a folder that `train --out` wrote");
  RecordedRun run;
  run.path = path;
  const std::string recordPath = joinPath(path, "run.json");
  Record record(recordPath, readRecord(recordPath));
  run.experiment = record.text(record.json, "experiment");
  run.status = record.text(record.json, "status");
  if (record.find(record.json, "error"))
    run.error = record.text(record.json, "error");
  run.facts = Facts(record).collect();
  if (std::string metrics = joinPath(path, "metrics.jsonl"); fileExists(metrics))
    readEvents(metrics, run);
  const std::string summaryPath = joinPath(path, "summary.json");
  if (run.isComplete()) {
    // The same evaluations as in the events, with how each attack was made.
    Record summary(summaryPath, readRecord(summaryPath));
    for (const Json &evaluation : summary.list(summary.json, "evaluations"))
      keepLast(run.evaluations, readEvaluation(summary, evaluation));
  }
  return run;
}

} // namespace advx::runtime
