#include "runtime/cli/SweepPlan.h"

#include "runtime/core/Error.h"
#include "runtime/core/Files.h"
#include "runtime/core/Numbers.h"
#include "runtime/core/Text.h"

#include <nlohmann/json.hpp>

namespace advx::runtime {

using Json = nlohmann::ordered_json;

SweepPlan::SweepPlan(const Manifest &manifest, TrainOptions options)
    : manifest(manifest), base(std::move(options)) {
  if (axes().empty())
    throw usageError("the page has no `sweep`", "add a line such as `sweep seed in 0..2` to " +
                                                    manifest.sourcePath +
                                                    ", and run `advx build` again");
  for (const SweepAxis &axis : axes()) {
    count *= axis.values.size();
    if (axis.path == "seed" && base.seed)
      throw usageError("the page sweeps `seed`, and --seed gives another one", "leave --seed out");
    for (const std::string &assignment : base.set)
      if (assignment.compare(0, axis.path.size() + 1, axis.path + "=") == 0)
        throw usageError("the page sweeps `" + axis.path + "`, and --set gives it one value",
                         "leave --set " + axis.path + " out");
  }
}

std::vector<std::string> SweepPlan::values(size_t cell) const {
  std::vector<std::string> result(axes().size());
  for (size_t i = axes().size(); i-- > 0;) {
    const std::vector<std::string> &values = axes()[i].values;
    result[i] = values[cell % values.size()];
    cell /= values.size();
  }
  return result;
}

std::string SweepPlan::name(size_t cell) const {
  std::string text;
  std::vector<std::string> chosen = values(cell);
  for (size_t i = 0; i < chosen.size(); ++i)
    text += (i ? ", " : "") + axes()[i].path + " = " + chosen[i];
  return text;
}

std::string SweepPlan::stem(size_t cell) const {
  const size_t width = std::to_string(count - 1).size();
  std::string number = std::to_string(cell);
  return joinPath(joinPath(base.out, "cells"), std::string(width - number.size(), '0') + number);
}

std::string SweepPlan::folder(size_t cell) const { return stem(cell); }
std::string SweepPlan::log(size_t cell) const { return stem(cell) + ".log"; }

TrainOptions SweepPlan::options(size_t cell) const {
  TrainOptions result = base;
  std::vector<std::string> chosen = values(cell);
  for (size_t i = 0; i < chosen.size(); ++i)
    if (axes()[i].path == "seed")
      result.seed = parseCount(chosen[i], UINT64_MAX);
    else
      result.set.push_back(axes()[i].path + "=" + chosen[i]);
  result.out = folder(cell);
  result.resume = true;
  result.progress = ProgressStyle::Off;
  return result;
}

std::string SweepPlan::description() const {
  Json json = {{"format", 1},
               {"experiment", manifest.experiment},
               {"page", manifest.sourceHash},
               {"axes", Json::array()},
               {"set", base.set},
               {"cells", count}};
  for (const SweepAxis &axis : axes())
    json["axes"].push_back({{"setting", axis.path}, {"values", axis.values}});
  if (base.epochs)
    json["epochs"] = *base.epochs;
  if (base.limit)
    json["limit"] = *base.limit;
  if (base.seed)
    json["seed"] = *base.seed;
  return jsonText(json, 2) + "\n";
}

std::string SweepPlan::differences(bool all) const {
  std::vector<char> bytes = readFile(joinPath(base.out, "sweep.json"), "record of a sweep");
  Json before = Json::parse(bytes.begin(), bytes.end(), nullptr, /*allow_exceptions=*/false);
  if (!before.is_object())
    return "its form";
  Json now = Json::parse(description());
  std::string differs;
  auto look = [&](const Json &from, const Json &other) {
    for (const auto &[key, value] : from.items()) {
      const bool asked = all || key == "page" || key == "axes";
      if (asked && (!other.contains(key) || other[key] != value) &&
          differs.find("`" + key + "`") == std::string::npos)
        differs += (differs.empty() ? "`" : ", `") + key + "`";
    }
  };
  look(now, before);
  look(before, now);
  return differs;
}

void SweepPlan::open() const {
  makeDirectories(joinPath(base.out, "cells"));
  const std::string path = joinPath(base.out, "sweep.json");
  if (!fileExists(path)) {
    writeFileAtomically(path, description());
    return;
  }
  if (std::string differs = differences(/*all=*/true); !differs.empty())
    throw usageError("`" + base.out + "` holds another sweep: it differs in " + differs,
                     "choose another --out, or give the options that it was begun with");
}

void SweepPlan::require() const {
  if (!fileExists(joinPath(base.out, "sweep.json")))
    throw dataError("`" + base.out + "` holds no sweep: there is no sweep.json in it",
                    "name a folder that `sweep --out` wrote");
  if (std::string differs = differences(/*all=*/false); !differs.empty())
    throw usageError("`" + base.out + "` holds the sweep of another page: it differs in " + differs,
                     "use the executable that wrote it");
}

} // namespace advx::runtime
