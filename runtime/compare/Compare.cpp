#include "runtime/compare/Compare.h"

#include "runtime/compare/Rows.h"
#include "runtime/compare/RunFolder.h"
#include "runtime/core/Text.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

namespace advx::runtime {

namespace {

using Json = nlohmann::ordered_json;
using Cells = std::vector<std::string>;

/// Cells are cut to this many bytes where the cut leaves different ones different.
constexpr size_t cellWidth = 48;

struct Comparison {
  std::vector<RecordedRun> runs;
  std::vector<std::pair<std::string, std::string>> unreadable; ///< path, why
};

/// Adds the names of one more run to those of the runs before it: a name that they lack goes
/// before the first of its successors that they have.
void merge(std::vector<std::string> &names, const std::vector<std::string> &more) {
  for (size_t i = 0; i < more.size(); ++i) {
    if (std::find(names.begin(), names.end(), more[i]) != names.end())
      continue;
    auto place = names.end();
    for (size_t j = i + 1; j < more.size() && place == names.end(); ++j)
      place = std::find(names.begin(), names.end(), more[j]);
    names.insert(place, more[i]);
  }
}

/// The last part of each path; the whole path where two runs would be called the same.
Cells labels(const std::vector<RecordedRun> &runs) {
  std::map<std::string, int> uses;
  Cells names;
  for (const RecordedRun &run : runs) {
    std::string path = run.path;
    while (path.size() > 1 && path.back() == '/')
      path.pop_back();
    std::string name = path.substr(path.rfind('/') + 1);
    names.push_back(name.empty() || name == "." || name == ".." ? run.path : name);
    ++uses[names.back()];
  }
  for (size_t i = 0; i < runs.size(); ++i)
    if (uses[names[i]] > 1)
      names[i] = runs[i].path;
  return names;
}

/// A fact that is not the same in all runs, and its value in each that has it.
struct Difference {
  std::string name;
  std::vector<std::optional<std::string>> values;
};

std::vector<Difference> differences(const std::vector<RecordedRun> &runs) {
  std::vector<std::string> names;
  std::vector<std::map<std::string, std::string>> facts;
  for (const RecordedRun &run : runs) {
    std::vector<std::string> own;
    for (const auto &[name, value] : run.facts)
      own.push_back(name);
    merge(names, own);
    facts.emplace_back(run.facts.begin(), run.facts.end());
  }
  std::vector<Difference> result;
  for (const std::string &name : names) {
    Difference difference{name, {}};
    for (const auto &of : facts) {
      auto found = of.find(name);
      difference.values.push_back(found == of.end() ? std::nullopt : std::optional(found->second));
    }
    if (std::any_of(difference.values.begin(), difference.values.end(),
                    [&](const auto &value) { return value != difference.values[0]; }))
      result.push_back(std::move(difference));
  }
  return result;
}

/// The values as cells, cut where they stay as different as they are. A cut leaves UTF-8 whole.
Cells shortened(const std::vector<std::optional<std::string>> &values) {
  auto cells = [&](size_t width) {
    Cells result;
    for (const std::optional<std::string> &value : values) {
      std::string text = value.value_or("-");
      std::replace(text.begin(), text.end(), '\n', ' ');
      bool isHash =
          text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
      size_t end = std::min(isHash ? std::min<size_t>(width, 12) : width, text.size());
      while (end > 0 && end < text.size() && (uint8_t(text[end]) & 0xC0) == 0x80)
        --end;
      bool isCut = end < text.size() && !isHash;
      result.push_back(text.substr(0, end) + (isCut ? "…" : ""));
    }
    return result;
  };
  Cells cut = cells(cellWidth);
  for (size_t i = 0; i < values.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (cut[i] == cut[j] && values[i] != values[j])
        return cells(std::string::npos);
  return cut;
}

std::string differencesTable(const std::vector<RecordedRun> &runs, const Cells &labels) {
  std::vector<Difference> found = differences(runs);
  if (found.empty())
    return "the runs have the same page, seed, settings and compiler\n";
  std::vector<Cells> rows{{"what differs"}};
  rows[0].insert(rows[0].end(), labels.begin(), labels.end());
  for (const Difference &difference : found) {
    rows.push_back({difference.name});
    Cells cells = shortened(difference.values);
    rows.back().insert(rows.back().end(), cells.begin(), cells.end());
  }
  return formatRows(rows);
}

const RecordedEvaluation *find(const RecordedRun &run, const std::string &name,
                               const std::string &weights) {
  for (const RecordedEvaluation &evaluation : run.evaluations)
    if (evaluation.name == name && evaluation.weights == weights)
      return &evaluation;
  return nullptr;
}

std::string cell(const RecordedEvaluation &evaluation, const std::string &name) {
  for (const RecordedAttack &attack : evaluation.attacks) {
    if (attack.name != name)
      continue;
    char text[64];
    std::snprintf(text, sizeof(text), "%.2f +- %.2f", 100 * attack.accuracy,
                  100 * attack.standardError);
    std::string result = text;
    for (const auto &[why, count] : attack.doubts)
      result += ", " + std::to_string(count) + " " + why;
    return result;
  }
  return "-";
}

/// "10000" where all lines and runs have as many images; else what each run has.
std::string imageCounts(const std::vector<RecordedRun> &runs, const Cells &labels,
                        const std::string &name, const std::string &weights) {
  std::map<std::string, std::string> texts; // by count
  for (size_t i = 0; i < runs.size(); ++i)
    if (const RecordedEvaluation *evaluation = find(runs[i], name, weights);
        evaluation && !evaluation->attacks.empty()) {
      std::string count = std::to_string(evaluation->attacks[0].count) + " images of " +
                          evaluation->split + ", epoch " + std::to_string(evaluation->epoch);
      std::string &text = texts[count];
      text += (text.empty() ? "" : ", ") + labels[i];
    }
  if (texts.size() == 1)
    return texts.begin()->first;
  std::string all;
  for (const auto &[count, text] : texts)
    all += (all.empty() ? "" : "; ") + text + ": " + count;
  return all;
}

/// "ce_s: max … over … by …", once where all runs agree.
std::string attackLines(const std::vector<RecordedRun> &runs, const Cells &labels,
                        const std::vector<std::string> &columns, const std::string &name,
                        const std::string &weights) {
  std::string lines;
  for (const std::string &column : columns) {
    std::vector<std::pair<std::string, std::string>> how; // run, text
    for (size_t i = 0; i < runs.size(); ++i)
      if (const RecordedEvaluation *evaluation = find(runs[i], name, weights))
        for (const RecordedAttack &attack : evaluation->attacks)
          if (attack.name == column && !attack.how.empty())
            how.emplace_back(labels[i], attack.how);
    bool agree = std::all_of(how.begin(), how.end(),
                             [&](const auto &entry) { return entry.second == how[0].second; });
    if (agree && !how.empty())
      lines += "  " + column + ": " + how[0].second + "\n";
    else
      for (const auto &[run, text] : how)
        lines += "  " + column + " of " + run + ": " + text + "\n";
  }
  return lines;
}

std::string evaluationTables(const std::vector<RecordedRun> &runs, const Cells &labels) {
  std::vector<std::string> keys; // name, a line break, weights
  for (const RecordedRun &run : runs) {
    std::vector<std::string> own;
    for (const RecordedEvaluation &evaluation : run.evaluations)
      own.push_back(evaluation.name + "\n" + evaluation.weights);
    merge(keys, own);
  }
  std::string text;
  for (const std::string &key : keys) {
    std::string name = key.substr(0, key.find('\n')), weights = key.substr(key.find('\n') + 1);
    std::vector<std::string> columns;
    for (const RecordedRun &run : runs)
      if (const RecordedEvaluation *evaluation = find(run, name, weights)) {
        std::vector<std::string> own;
        for (const RecordedAttack &attack : evaluation->attacks)
          own.push_back(attack.name);
        merge(columns, own);
      }
    std::vector<Cells> rows{{"accuracy in %"}};
    rows[0].insert(rows[0].end(), columns.begin(), columns.end());
    for (size_t i = 0; i < runs.size(); ++i) {
      rows.push_back({labels[i]});
      const RecordedEvaluation *evaluation = find(runs[i], name, weights);
      for (const std::string &column : columns)
        rows.back().push_back(evaluation ? cell(*evaluation, column) : "-");
    }
    text += "\n" + name + ", " + weights + " weights (" + imageCounts(runs, labels, name, weights) +
            ")\n" + formatRows(rows) + attackLines(runs, labels, columns, name, weights);
  }
  return text.empty() ? "\nno run has an evaluation\n" : text;
}

/// A line for each run that is not complete.
std::string statusLines(const std::vector<RecordedRun> &runs, const Cells &labels) {
  std::string text;
  for (size_t i = 0; i < runs.size(); ++i) {
    const RecordedRun &run = runs[i];
    if (run.isComplete())
      continue;
    text += labels[i] + " is not complete: " + run.status;
    if (run.status == "running")
      text += " or killed";
    if (run.lastEpoch > 0)
      text += " in epoch " + std::to_string(run.lastEpoch);
    text += (run.error.empty() ? "" : ": " + run.error) + "\n";
  }
  return text.empty() ? text : "\n" + text;
}

Json toJson(const RecordedEvaluation &evaluation) {
  Json json = {{"name", evaluation.name},
               {"split", evaluation.split},
               {"weights", evaluation.weights},
               {"epoch", evaluation.epoch},
               {"attacks", Json::array()}};
  for (const RecordedAttack &attack : evaluation.attacks) {
    Json entry = {{"name", attack.name},
                  {"accuracy", attack.accuracy},
                  {"standard_error", attack.standardError},
                  {"n", attack.count}};
    for (const auto &[why, count] : attack.doubts)
      entry[why] = count;
    if (!attack.how.empty())
      entry["how"] = attack.how;
    json["attacks"].push_back(std::move(entry));
  }
  return json;
}

Json toJson(const Comparison &comparison) {
  Json json = {{"differences", Json::array()}, {"runs", Json::array()}};
  for (const Difference &difference : differences(comparison.runs)) {
    Json values = Json::array();
    for (const std::optional<std::string> &value : difference.values)
      values.push_back(value ? Json(*value) : Json("-"));
    json["differences"].push_back({{"name", difference.name}, {"values", std::move(values)}});
  }
  for (const RecordedRun &run : comparison.runs) {
    Json entry = {{"path", run.path}, {"experiment", run.experiment}, {"status", run.status}};
    if (!run.error.empty())
      entry["error"] = run.error;
    entry["evaluations"] = Json::array();
    for (const RecordedEvaluation &evaluation : run.evaluations)
      entry["evaluations"].push_back(toJson(evaluation));
    json["runs"].push_back(std::move(entry));
  }
  json["unreadable"] = Json::array();
  for (const auto &[path, why] : comparison.unreadable)
    json["unreadable"].push_back({{"path", path}, {"error", why}});
  return json;
}

} // namespace

ExitCode compareRuns(const CompareOptions &options) {
  Comparison comparison;
  for (const std::string &path : options.runs) {
    try {
      comparison.runs.push_back(readRun(path));
    } catch (const Error &error) {
      comparison.unreadable.emplace_back(path, error.what());
      printError(error.what(), error.hint());
    }
  }
  const std::vector<RecordedRun> &runs = comparison.runs;
  std::string text;
  if (options.json) {
    text = jsonText(toJson(comparison), 2) + "\n";
  } else if (!runs.empty()) {
    Cells names = labels(runs);
    if (runs.size() > 1)
      text = differencesTable(runs, names);
    text += evaluationTables(runs, names) + statusLines(runs, names);
    if (runs.size() == 1)
      text.erase(0, 1); // no table before this one to stand apart from
  }
  std::printf("%s", options.json ? text.c_str() : printable(text).c_str());
  return comparison.unreadable.empty() ? ExitCode::Success : ExitCode::Data;
}

} // namespace advx::runtime
