#include "runtime/compare/SweepTable.h"

#include "runtime/compare/Rows.h"
#include "runtime/compare/RunFolder.h"
#include "runtime/core/Error.h"
#include "runtime/core/Files.h"
#include "runtime/core/Text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

namespace advx::runtime {

namespace {

using Json = nlohmann::ordered_json;

/// The accuracies of the seeds of one combination, for one line of an evaluation.
struct Samples {
  std::vector<double> accuracies;
  int64_t doubts = 0; ///< examples outside their set or not finite, of all runs

  double mean() const {
    double sum = 0;
    for (double accuracy : accuracies)
      sum += accuracy;
    return sum / double(accuracies.size());
  }
  /// Of the sample; nothing for one run.
  std::optional<double> spread() const {
    if (accuracies.size() < 2)
      return std::nullopt;
    double sum = 0;
    for (double accuracy : accuracies)
      sum += (accuracy - mean()) * (accuracy - mean());
    return std::sqrt(sum / double(accuracies.size() - 1));
  }
};

struct Row {
  std::vector<std::string> values; ///< of the axes without the seed
  size_t runs = 0, complete = 0;
  std::map<std::string, Samples> columns;
};

/// `1/20` as a number.
double numberOf(const std::string &text) {
  const size_t slash = text.find('/');
  const double above = std::strtod(text.c_str(), nullptr);
  return slash == std::string::npos ? above
                                    : above / std::strtod(text.c_str() + slash + 1, nullptr);
}

/// The axes that are columns.
std::vector<std::string> axesOf(const SweepTable &sweep) {
  std::vector<std::string> axes;
  for (const std::string &axis : sweep.axes)
    if (axis != "seed")
      axes.push_back(axis);
  return axes;
}

/// The run of a cell, if it is complete; what is wrong with any other is told by who trains it.
std::optional<RecordedRun> completeRun(const std::string &folder) {
  if (!fileExists(joinPath(folder, "run.json")))
    return std::nullopt;
  try {
    RecordedRun run = readRun(folder);
    return run.isComplete() ? std::optional(std::move(run)) : std::nullopt;
  } catch (const Error &) {
    return std::nullopt;
  }
}

class Summary {
public:
  explicit Summary(const SweepTable &sweep) : sweep(sweep), axes(axesOf(sweep)) {
    for (const SweepTable::Cell &cell : sweep.cells)
      add(cell);
  }

  void sort(const std::string &column) {
    if (column.empty())
      return;
    auto axis = std::find(axes.begin(), axes.end(), column);
    std::stable_sort(rows.begin(), rows.end(), [&](const Row &a, const Row &b) {
      if (axis != axes.end()) {
        const auto place = static_cast<size_t>(axis - axes.begin());
        return numberOf(a.values[place]) < numberOf(b.values[place]);
      }
      auto left = a.columns.find(column), right = b.columns.find(column);
      if (left == a.columns.end() || right == b.columns.end())
        return left != a.columns.end() && right == b.columns.end();
      return left->second.mean() > right->second.mean();
    });
  }

  std::string text() const {
    std::vector<std::vector<std::string>> cells{axes};
    cells[0].push_back("runs");
    cells[0].insert(cells[0].end(), columns.begin(), columns.end());
    for (const Row &row : rows) {
      cells.push_back(row.values);
      cells.back().push_back(std::to_string(row.complete) +
                             (row.complete < row.runs ? " of " + std::to_string(row.runs) : ""));
      for (const std::string &column : columns)
        cells.back().push_back(cell(row, column));
    }
    std::string result = formatRows(cells);
    if (columns.empty())
      return result + "\nno run has an evaluation at the end\n";
    return result + "\naccuracy in %: mean" +
           (std::find(sweep.axes.begin(), sweep.axes.end(), "seed") != sweep.axes.end()
                ? " +- standard deviation over the seeds\n"
                : "\n");
  }

  std::string json() const {
    Json result = {{"axes", axes}, {"columns", columns}, {"rows", Json::array()}};
    for (const Row &row : rows) {
      Json entry = {{"values", row.values}, {"runs", row.runs}, {"complete", row.complete}};
      entry["accuracy"] = Json::object();
      for (const auto &[column, samples] : row.columns) {
        Json &of = entry["accuracy"][column];
        of = {{"mean", samples.mean()}, {"of_each", samples.accuracies}};
        if (auto spread = samples.spread())
          of["deviation"] = *spread;
        if (samples.doubts > 0)
          of["doubts"] = samples.doubts;
      }
      result["rows"].push_back(std::move(entry));
    }
    return jsonText(result, 2) + "\n";
  }

private:
  static std::string cell(const Row &row, const std::string &column) {
    auto found = row.columns.find(column);
    if (found == row.columns.end())
      return "-";
    const Samples &samples = found->second;
    char buffer[64];
    std::optional<double> spread = samples.spread();
    if (spread)
      std::snprintf(buffer, sizeof buffer, "%.2f +- %.2f", 100 * samples.mean(), 100 * *spread);
    else
      std::snprintf(buffer, sizeof buffer, "%.2f", 100 * samples.mean());
    return buffer + (samples.doubts > 0 ? ", " + std::to_string(samples.doubts) + " in doubt" : "");
  }

  void add(const SweepTable::Cell &cell) {
    std::vector<std::string> values;
    for (size_t i = 0; i < sweep.axes.size(); ++i)
      if (sweep.axes[i] != "seed")
        values.push_back(cell.values[i]);
    auto row = std::find_if(rows.begin(), rows.end(),
                            [&](const Row &known) { return known.values == values; });
    if (row == rows.end())
      row = rows.insert(rows.end(), {values, 0, 0, {}});
    ++row->runs;
    std::optional<RecordedRun> run = completeRun(cell.folder);
    if (!run)
      return;
    ++row->complete;
    for (const RecordedEvaluation &evaluation : run->evaluations)
      if (evaluation.weights != "current")
        for (const RecordedAttack &attack : evaluation.attacks) {
          const std::string column = sweepColumn(evaluation.name, attack.name, evaluation.weights);
          if (std::find(columns.begin(), columns.end(), column) == columns.end())
            columns.push_back(column);
          Samples &samples = row->columns[column];
          samples.accuracies.push_back(attack.accuracy);
          for (const auto &[why, count] : attack.doubts)
            samples.doubts += count;
        }
  }

  const SweepTable &sweep;
  std::vector<std::string> axes, columns;
  std::vector<Row> rows;
};

} // namespace

std::string sweepColumn(const std::string &evaluation, const std::string &line,
                        const std::string &weights) {
  return evaluation + "." + line + (weights == "final" ? "" : " (" + weights + ")");
}

void requireColumn(const SweepTable &sweep, const std::string &column) {
  std::vector<std::string> known = axesOf(sweep);
  known.insert(known.end(), sweep.lines.begin(), sweep.lines.end());
  if (column.empty() || std::find(known.begin(), known.end(), column) != known.end())
    return;
  std::string list;
  for (const std::string &name : known)
    list += (list.empty() ? "`" : ", `") + name + "`";
  throw usageError("the table has no column `" + column + "`", "it has " + list);
}

std::string sweepText(const SweepTable &sweep, const std::string &sort) {
  Summary summary(sweep);
  summary.sort(sort);
  return summary.text();
}

std::string sweepJson(const SweepTable &sweep, const std::string &sort) {
  Summary summary(sweep);
  summary.sort(sort);
  return summary.json();
}

} // namespace advx::runtime
