//===- Settings.h - The numbers that a run may change ---------------------===//
//
// A setting has the value of the page unless the command line, or the
// checkpoint that a run goes on from, overrides it. The compiled program turns
// overrides into values in force, and these into the uniforms of a step.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_SETTINGS_H
#define ADVX_RUNTIME_CORE_SETTINGS_H

#include "runtime/core/Manifest.h"

#include <map>

namespace advx::runtime {

/// Where a step stands in training: what schedules are functions of.
struct Clock {
  int64_t epoch = 0;      ///< completed epochs
  int64_t iteration = 0;  ///< completed steps since the start
  int64_t epochs = 0;     ///< the horizon in epochs
  int64_t iterations = 0; ///< the horizon in steps
};

class Settings {
public:
  /// Both are borrowed and must outlive the settings.
  Settings(const Manifest &manifest, AdvxUniformFunction fillUniforms);

  /// Takes `path=value`. An unknown path, a structural one, or a value of the
  /// wrong kind or out of range is a usage error with a next step.
  void assign(const std::string &assignment, const std::string &origin);
  void assign(const std::string &path, double value, const std::string &origin);
  bool isOverridden(const std::string &path) const;
  /// Path and value of what is overridden.
  std::map<std::string, double> overrides() const;

  /// The value in force, under every override.
  double value(size_t setting) const { return resolved[setting]; }
  double value(const Quantity &quantity) const;
  /// A quantity that must be a whole number of at least `minimum`; else a usage
  /// error that calls it `what`.
  int64_t integer(const Quantity &quantity, const std::string &what, int64_t minimum) const;
  /// Path and value of all settings, in the manifest's order.
  std::vector<std::pair<std::string, double>> values() const;
  Setting::Kind kind(size_t setting) const { return manifest.settings[setting].kind; }
  /// "page", "default", "command line" or "checkpoint".
  const std::string &origin(size_t setting) const;

  /// The values in force at `clock`, or with `page` those of the page without overrides.
  std::vector<double> valuesAt(const Clock &clock, bool page) const;

  /// The uniforms of a step at `clock`; valid until the next call.
  const double *uniforms(const Clock &clock);

private:
  size_t find(const std::string &path) const;
  void check(const Setting &setting, double value, const std::string &text) const;
  void resolve();

  const Manifest &manifest;
  AdvxUniformFunction fillUniforms;
  std::vector<double> overriding; ///< NaN where the page's value holds
  std::vector<std::string> origins;
  std::vector<double> resolved;
  std::vector<double> uniformBuffer;
};

/// A number as users write it: `3`, `0.1`, `1e-3`, `8/255`, `true`, `false`.
/// Nothing if the text is not one, or not finite.
std::optional<double> parseNumber(std::string_view text);

/// The shortest decimal that reads back as the same double.
std::string formatNumber(double value);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_SETTINGS_H
