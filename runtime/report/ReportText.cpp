#include "runtime/report/ReportText.h"

#include <cmath>

namespace advx::runtime {

namespace {

/// The shortest text that reads back as the value: a decimal, or a number of grey levels.
std::string formatValue(Setting::Kind kind, double value) {
  if (kind == Setting::Kind::Bool)
    return value != 0 ? "true" : "false";
  std::string decimal = formatNumber(value);
  double levels = std::round(value * 255);
  if (std::abs(levels) < 0x1p31 && levels / 255 == value) {
    std::string fraction = formatNumber(levels) + "/255";
    if (fraction.size() < decimal.size())
      return fraction;
  }
  return decimal;
}

} // namespace

std::string render(const ReportText &text, const Settings &settings, const Clock &clock) {
  return render({{"", text}}, settings, clock).front().second;
}

std::vector<std::pair<std::string, std::string>>
render(const std::vector<std::pair<std::string, ReportText>> &report, const Settings &settings,
       const Clock &clock) {
  std::vector<std::pair<std::string, std::string>> result;
  if (report.empty())
    return result;
  std::vector<double> page = settings.valuesAt(clock, /*page=*/true);
  std::vector<double> values = settings.valuesAt(clock, /*page=*/false);
  for (const auto &[key, text] : report) {
    std::string words;
    for (const ReportPiece &piece : text) {
      bool shown =
          !piece.setting || (!piece.text.empty() && values[*piece.setting] == page[*piece.setting]);
      words +=
          shown ? piece.text : formatValue(settings.kind(*piece.setting), values[*piece.setting]);
    }
    result.emplace_back(key, std::move(words));
  }
  return result;
}

std::vector<std::pair<std::string, std::string>> changedSettings(const Manifest &manifest,
                                                                 const Settings &settings) {
  std::vector<std::pair<std::string, std::string>> result;
  std::map<std::string, std::string> overrides = settings.overrides();
  for (const Setting &setting : manifest.settings)
    if (auto found = overrides.find(setting.path); found != overrides.end())
      result.emplace_back(setting.path, found->second);
  return result;
}

} // namespace advx::runtime
