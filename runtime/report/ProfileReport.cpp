#include "runtime/report/ProfileReport.h"

#include "runtime/core/Text.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace advx::runtime {

namespace {

using Json = nlohmann::ordered_json;
using Entry = std::pair<std::string, Profile::Place>;

std::vector<Entry> longestFirst(const Profile &profile) {
  std::vector<Entry> entries(profile.places().begin(), profile.places().end());
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry &a, const Entry &b) { return a.second.cpu > b.second.cpu; });
  return entries;
}

/// The median of the listed steps' examples per second, by wall or CPU time.
double medianRate(const Profile &profile, double Profile::StepSample::*seconds) {
  const std::vector<Profile::StepSample> &steps = profile.steps();
  std::vector<double> rates;
  for (size_t i = profile.firstListed(); i < steps.size(); ++i)
    rates.push_back(double(steps[i].examples) / std::max(steps[i].*seconds, 1e-9));
  if (rates.empty())
    return 0;
  std::sort(rates.begin(), rates.end());
  return (rates[rates.size() / 2] + rates[(rates.size() - 1) / 2]) / 2;
}

} // namespace

std::string profileJson(const Profile &profile) {
  Json steps = Json::array(), places = Json::array(), loads = Json::array();
  for (const Profile::LoadSample &load : profile.loads())
    loads.push_back({load.gathered, load.waited});
  for (const Profile::StepSample &step : profile.steps())
    steps.push_back({step.examples, step.wall, step.cpu});
  for (const auto &[name, place] : longestFirst(profile))
    places.push_back({{"name", name},
                      {"calls", place.calls},
                      {"wall", place.wall},
                      {"cpu", place.cpu},
                      {"bytes", place.bytes}});
  return jsonText(Json{{"steps", steps}, {"loads", loads}, {"places", places}}, 1) + "\n";
}

std::string profileTable(const Profile &profile) {
  char line[256];
  double total = 0, listed = 0;
  for (size_t i = profile.firstListed(); i < profile.steps().size(); ++i)
    total += profile.steps()[i].cpu;
  std::snprintf(line, sizeof(line), "%zu steps, median %.1f examples/s, %.1f per CPU second\n",
                profile.steps().size(), medianRate(profile, &Profile::StepSample::wall),
                medianRate(profile, &Profile::StepSample::cpu));
  std::string text = line;
  for (const auto &[name, place] : longestFirst(profile)) {
    listed += place.cpu;
    std::snprintf(line, sizeof(line), "%5.1f %% %8lld x %9.1f us", 100 * place.cpu / total,
                  (long long)place.calls, place.cpu / double(place.calls) * 1e6);
    text += line;
    if (place.bytes > 0) {
      std::snprintf(line, sizeof(line), " %6.1f GB/s", place.bytes / place.cpu * 1e-9);
      text += line;
    }
    text += "  " + name + "\n";
  }
  std::snprintf(line, sizeof(line), "%5.1f %% between them\n", 100 * (total - listed) / total);
  return text + line;
}

} // namespace advx::runtime
