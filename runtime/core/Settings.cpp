#include "runtime/core/Settings.h"

#include "runtime/core/Error.h"
#include "runtime/core/Suggest.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace advx::runtime {

std::optional<double> parseNumber(std::string_view text) {
  if (text == "true")
    return 1;
  if (text == "false")
    return 0;
  size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    std::optional<double> numerator = parseNumber(text.substr(0, slash));
    std::optional<double> denominator = parseNumber(text.substr(slash + 1));
    bool named = text.find_first_of("tf") != std::string_view::npos;
    if (!numerator || !denominator || *denominator == 0 || named)
      return std::nullopt;
    return *numerator / *denominator;
  }
  double value = 0;
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::string formatNumber(double value) {
  char buffer[64];
  auto [end, status] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, end);
}

Settings::Settings(const Manifest &manifest, AdvxUniformFunction fillUniforms)
    : manifest(manifest), fillUniforms(fillUniforms),
      overriding(manifest.settings.size(), std::numeric_limits<double>::quiet_NaN()),
      resolved(manifest.settings.size()), uniformBuffer(manifest.uniforms) {
  for (const Setting &setting : manifest.settings)
    origins.push_back(setting.origin);
  resolve();
}

size_t Settings::find(const std::string &path) const {
  std::vector<std::string> paths;
  for (size_t i = 0; i < manifest.settings.size(); ++i) {
    if (manifest.settings[i].path == path)
      return i;
    paths.push_back(manifest.settings[i].path);
  }
  for (const StructuralSetting &setting : manifest.structural) {
    if (setting.path == path)
      throw usageError(
          "`" + path + "` (now " + setting.text + ") shapes the program, so it cannot be set here",
          setting.line > 0
              ? "change it in " + manifest.sourcePath + ", line " + std::to_string(setting.line) +
                    ", and run `advx build` again"
              : "write it into " + manifest.sourcePath + " and run `advx build` again");
    paths.push_back(setting.path);
  }
  std::string suggestion = nearest(path, paths);
  throw usageError("there is no setting `" + path + "`",
                   suggestion.empty() ? "`info` lists all settings"
                                      : "did you mean `" + suggestion + "`?");
}

void Settings::check(const Setting &setting, double value, const std::string &text) const {
  std::string expected;
  if (setting.kind == Setting::Kind::Int && value != std::floor(value))
    expected = "a whole number";
  else if (setting.kind == Setting::Kind::Int && std::abs(value) > 0x1p53)
    expected = "a whole number below 2^53";
  else if (setting.kind == Setting::Kind::Bool && value != 0 && value != 1)
    expected = "true or false";
  else if (setting.minimum && value < *setting.minimum)
    expected = "at least " + formatNumber(*setting.minimum);
  else if (setting.maximum && value > *setting.maximum)
    expected = "at most " + formatNumber(*setting.maximum);
  if (!expected.empty())
    throw usageError("`" + setting.path + "` is " + text + ", expected " + expected);
}

void Settings::assign(const std::string &assignment, const std::string &origin) {
  size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    throw usageError("--set " + assignment + ": expected path=value");
  std::string path = assignment.substr(0, equals);
  std::string text = assignment.substr(equals + 1);
  const Setting &setting = manifest.settings[find(path)];
  std::optional<double> value = parseNumber(text);
  bool named = text == "true" || text == "false";
  if (!value || (named && setting.kind != Setting::Kind::Bool))
    throw usageError("`" + path + "` cannot be `" + text + "`",
                     setting.kind == Setting::Kind::Int ? "write a whole number, such as 10"
                     : setting.kind == Setting::Kind::Bool
                         ? "write true or false"
                         : "write a number, such as 0.1 or 8/255");
  check(setting, *value, text);
  assign(path, *value, origin);
}

void Settings::assign(const std::string &path, double value, const std::string &origin) {
  size_t index = find(path);
  check(manifest.settings[index], value, formatNumber(value));
  overriding[index] = value;
  origins[index] = origin;
  resolve();
}

bool Settings::isOverridden(const std::string &path) const {
  return !std::isnan(overriding[find(path)]);
}

std::map<std::string, double> Settings::overrides() const {
  std::map<std::string, double> result;
  for (size_t i = 0; i < overriding.size(); ++i)
    if (!std::isnan(overriding[i]))
      result[manifest.settings[i].path] = overriding[i];
  return result;
}

double Settings::value(const Quantity &quantity) const {
  return quantity.setting ? resolved[*quantity.setting] : quantity.number;
}

int64_t Settings::integer(const Quantity &quantity, const std::string &what,
                          int64_t minimum) const {
  double number = value(quantity);
  if (!(number >= double(minimum)) || number != std::floor(number) || number > 0x1p53)
    throw usageError(what + " is " + formatNumber(number) +
                     ", expected a whole number of at least " + std::to_string(minimum));
  return int64_t(number);
}

std::vector<std::pair<std::string, double>> Settings::values() const {
  std::vector<std::pair<std::string, double>> result;
  result.reserve(resolved.size());
  for (size_t i = 0; i < resolved.size(); ++i)
    result.emplace_back(manifest.settings[i].path, resolved[i]);
  return result;
}

const std::string &Settings::origin(size_t setting) const { return origins[setting]; }

const double *Settings::uniforms(const Clock &clock) {
  const double words[4] = {double(clock.epoch), double(clock.iteration), double(clock.epochs),
                           double(clock.iterations)};
  fillUniforms(overriding.data(), words, resolved.data(), uniformBuffer.data());
  return uniformBuffer.data();
}

std::vector<double> Settings::valuesAt(const Clock &clock, bool page) const {
  const double words[4] = {double(clock.epoch), double(clock.iteration), double(clock.epochs),
                           double(clock.iterations)};
  std::vector<double> unset(overriding.size(), std::numeric_limits<double>::quiet_NaN());
  std::vector<double> values(overriding.size()), buffer(manifest.uniforms);
  fillUniforms(page ? unset.data() : overriding.data(), words, values.data(), buffer.data());
  return values;
}

void Settings::resolve() {
  // The horizon is itself a setting; a clock of one step is enough to read it.
  Clock clock;
  clock.epochs = clock.iterations = 1;
  uniforms(clock);
}

} // namespace advx::runtime
