#include "runtime/core/Settings.h"

#include "runtime/core/Suggest.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace advx::runtime {

namespace {

constexpr const char *constantWord = "constant:";

std::string clockText(const Clock &clock) {
  return " at epoch " + std::to_string(clock.epoch) + ", iteration " +
         std::to_string(clock.iteration) + " (both counted from 0)";
}

std::string spell(const Setting &setting, double value) {
  if (setting.kind == Setting::Kind::Bool)
    return value != 0 ? "true" : "false";
  return formatNumber(value);
}

} // namespace

std::string Setting::expected(double value) const {
  if (kind == Kind::Int && value != std::floor(value))
    return "a whole number";
  if (kind == Kind::Int && std::abs(value) > 0x1p53)
    return "a whole number below 2^53";
  if (kind == Kind::Bool && value != 0 && value != 1)
    return "true or false";
  bool high = !minimum || (openMinimum ? value > *minimum : value >= *minimum);
  bool low = !maximum || (openMaximum ? value < *maximum : value <= *maximum);
  if (high && low && (std::isfinite(value) || (!minimum && !maximum)))
    return {};
  std::string least, most;
  if (minimum)
    least = (openMinimum ? "above " : "at least ") + formatNumber(*minimum);
  if (maximum)
    most = (openMaximum ? "below " : "at most ") + formatNumber(*maximum);
  return high && low ? "a finite number" : !high ? least : most;
}

Settings::Settings(const Manifest &manifest, AdvxUniformFunction fillUniforms)
    : manifest(manifest), fillUniforms(fillUniforms),
      overriding(manifest.settings.size(), std::numeric_limits<double>::quiet_NaN()),
      overridingText(manifest.settings.size()), resolved(manifest.settings.size()),
      uniformBuffer(manifest.uniforms) {
  for (const Setting &setting : manifest.settings)
    origins.push_back(setting.origin);
  // The horizon is itself a setting; a clock of one step is enough to read it.
  fill({0, 0, 1, 1});
}

size_t Settings::find(const std::string &path) const {
  std::vector<std::string> paths;
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
  for (size_t i = 0; i < manifest.settings.size(); ++i) {
    const Setting &setting = manifest.settings[i];
    if (setting.path == path && setting.isDerived)
      throw usageError("`" + path + "` is computed, `" + setting.text + "`",
                       "set what it is computed from");
    if (setting.path == path)
      return i;
    if (setting.isFree())
      paths.push_back(setting.path);
  }
  std::string suggestion = nearest(path, paths);
  throw usageError("there is no setting `" + path + "`",
                   suggestion.empty() ? "`info` lists all settings"
                                      : "did you mean `" + suggestion + "`?");
}

Error Settings::refuseSchedule(size_t index) const {
  const Setting &setting = manifest.settings[index];
  std::string parts;
  for (size_t read : setting.reads)
    if (manifest.settings[read].isFree() && !manifest.settings[read].isSchedule)
      parts += (parts.empty() ? "`" : ", `") + manifest.settings[read].path + "`";
  return usageError("`" + setting.path + "` is the schedule `" + setting.text +
                        "`, which one number would replace for the whole run",
                    (parts.empty() ? "" : "set its parts (" + parts + "), or ") + "write --set " +
                        setting.path + "=" + constantWord + "NUMBER");
}

void Settings::assign(const std::string &assignment) {
  size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    throw usageError("--set " + assignment + ": expected path=value");
  std::string path = assignment.substr(0, equals);
  size_t index = find(path);
  if (!assigned.insert(index).second)
    throw usageError("`" + path + "` is given twice", "keep one of the values");
  set(index, assignment.substr(equals + 1), "command line");
}

void Settings::restore(const std::string &path, const std::string &text,
                       const std::string &origin) {
  set(find(path), text, origin);
}

void Settings::set(size_t index, const std::string &text, const std::string &origin) {
  const Setting &setting = manifest.settings[index];
  bool constant = text.rfind(constantWord, 0) == 0;
  std::string number = constant ? text.substr(std::string(constantWord).size()) : text;
  if (setting.isSchedule && !constant)
    throw refuseSchedule(index);
  std::optional<double> value = parseNumber(number);
  bool named = number == "true" || number == "false";
  if (!value || (named && setting.kind != Setting::Kind::Bool))
    throw usageError("`" + setting.path + "` cannot be `" + number + "`",
                     setting.kind == Setting::Kind::Int ? "write a whole number, such as 10"
                     : setting.kind == Setting::Kind::Bool
                         ? "write true or false"
                         : "write a number, such as 0.1, 1e-3, 8/255 or 2*8/255");
  std::string expected = setting.expected(*value);
  if (!expected.empty())
    throw usageError("`" + setting.path + "` is " + number + ", expected " + expected);
  overriding[index] = *value;
  overridingText[index] = text;
  origins[index] = origin;
  fill({0, 0, 1, 1});
}

void Settings::choose(size_t index, double value) {
  overriding[index] = value;
  fill({0, 0, 1, 1});
}

std::map<std::string, std::string> Settings::overrides() const {
  std::map<std::string, std::string> result;
  for (size_t i = 0; i < overriding.size(); ++i)
    if (!std::isnan(overriding[i]) && !manifest.settings[i].isDerived)
      result[manifest.settings[i].path] = overridingText[i];
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

bool Settings::isSchedule(size_t index) const {
  return manifest.settings[index].isSchedule && std::isnan(overriding[index]);
}

std::string Settings::text(size_t index) const {
  const Setting &setting = manifest.settings[index];
  if (!isSchedule(index))
    return spell(setting, resolved[index]);
  std::string result = setting.text;
  for (size_t read : setting.reads)
    if (!std::isnan(overriding[read]))
      result += ", `" + manifest.settings[read].path + "` = " + text(read);
  return result;
}

std::vector<std::pair<std::string, std::string>> Settings::texts() const {
  std::vector<std::pair<std::string, std::string>> result;
  for (size_t i = 0; i < resolved.size(); ++i)
    if (manifest.settings[i].isFree())
      result.emplace_back(manifest.settings[i].path, text(i));
  return result;
}

const std::string &Settings::origin(size_t setting) const { return origins[setting]; }

std::vector<double> Settings::values(size_t setting, const std::vector<Clock> &clocks) {
  std::vector<double> result;
  for (const Clock &clock : clocks) {
    fill(clock);
    result.push_back(resolved[setting]);
  }
  return result;
}

void Settings::verify() const {
  for (size_t i = 0; i < resolved.size(); ++i)
    if (!isSchedule(i) && !manifest.settings[i].isStructural)
      check(i, nullptr);
}

/// What made the value of a setting what it is, as the rest of a sentence.
std::string Settings::cause(size_t index) const {
  const Setting &setting = manifest.settings[index];
  std::string overridden;
  for (size_t read : setting.reads)
    if (!std::isnan(overriding[read]))
      overridden +=
          (overridden.empty() ? "`" : ", `") + manifest.settings[read].path + "` = " + text(read);
  if (!overridden.empty())
    return ": it follows from " + overridden;
  if (parseNumber(setting.text) || !std::isnan(overriding[index]))
    return "";
  std::string written = ": the page writes `" + setting.text + "`";
  for (size_t read : setting.reads)
    if (manifest.settings[read].isSchedule)
      written += ", and `" + manifest.settings[read].path + "` = " + manifest.settings[read].text;
  return written;
}

void Settings::check(size_t index, const Clock *clock) const {
  const Setting &setting = manifest.settings[index];
  std::string expected = setting.expected(resolved[index]);
  if (!expected.empty())
    throw usageError("`" + setting.path + "` is " + spell(setting, resolved[index]) +
                         (clock && setting.isSchedule ? clockText(*clock) : "") + ", expected " +
                         expected + cause(index),
                     "`info` lists all settings; --set changes them");
}

const double *Settings::uniforms(const Clock &clock, const Step &step) {
  fill(clock);
  for (size_t setting : step.settings)
    check(setting, &clock);
  for (size_t slot : step.uniforms) {
    double value = uniformBuffer[slot];
    if (std::isfinite(value))
      continue;
    std::string message = "step `" + step.name + "` needs a number that follows from " +
                          manifest.uniformReads[slot] + " and is " +
                          (std::isnan(value) ? "not a number" : "infinite") +
                          (step.readsClock ? clockText(clock) : "");
    for (size_t setting : step.settings)
      if (manifest.uniformReads[slot] == "`" + manifest.settings[setting].path + "`")
        message += cause(setting);
    throw usageError(message, "`info` lists all settings; --set changes them");
  }
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

void Settings::fill(const Clock &clock) {
  const double words[4] = {double(clock.epoch), double(clock.iteration), double(clock.epochs),
                           double(clock.iterations)};
  fillUniforms(overriding.data(), words, resolved.data(), uniformBuffer.data());
}

} // namespace advx::runtime
