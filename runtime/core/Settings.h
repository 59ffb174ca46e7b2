//===- Settings.h - The numbers that a run may change ---------------------===//
//
// A setting has the value of the page unless the command line, or the
// checkpoint that a run goes on from, overrides it. The compiled program turns
// overrides into values in force, and these into the uniforms of a step. What a
// number may be is looked at where it arises: after all overrides, and for
// schedules at each clock that a step runs at.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_SETTINGS_H
#define ADVX_RUNTIME_CORE_SETTINGS_H

#include "runtime/core/Error.h"
#include "runtime/core/Manifest.h"
#include "runtime/core/Numbers.h"

#include <map>
#include <set>

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

  /// Takes `path=value` of the command line, each path once. An unknown path, a
  /// structural or derived one, or a value of the wrong kind or out of range is a
  /// usage error with a next step. A schedule is replaced by `path=constant:value`
  /// alone.
  void assign(const std::string &assignment);
  /// Takes a value as overrides() gave it.
  void restore(const std::string &path, const std::string &text, const std::string &origin);
  /// Refuses values that follow from the overrides and lie outside their range; for
  /// schedules, uniforms() does. Call it when all are assigned.
  void verify() const;
  /// Path and value, as it was written, of what is overridden.
  std::map<std::string, std::string> overrides() const;

  /// The value in force, under every override; of a schedule, at the last clock asked for.
  double value(size_t setting) const { return resolved[setting]; }
  double value(const Quantity &quantity) const;
  /// A quantity that must be a whole number of at least `minimum`; else a usage
  /// error that calls it `what`.
  int64_t integer(const Quantity &quantity, const std::string &what, int64_t minimum) const;
  /// Whether the value in force changes with the clock.
  bool isSchedule(size_t setting) const;
  /// The number in force; of a schedule, how the page writes it and which of its numbers are
  /// overridden: "cyclic(0.1), `outer.lr.peak` = 0.2".
  std::string text(size_t setting) const;
  /// Path and text of all settings that may be set, in the manifest's order.
  std::vector<std::pair<std::string, std::string>> texts() const;
  Setting::Kind kind(size_t setting) const { return manifest.settings[setting].kind; }
  /// "page", "default", "command line" or "checkpoint".
  const std::string &origin(size_t setting) const;
  /// The values of a setting at some clocks.
  std::vector<double> values(size_t setting, const std::vector<Clock> &clocks);

  /// The values in force at `clock`, or with `page` those of the page without overrides.
  std::vector<double> valuesAt(const Clock &clock, bool page) const;

  /// The value that a line of an evaluation gives the index of its `best`; no override of the user.
  void choose(size_t index, double value);

  /// The uniforms of a step at `clock`; valid until the next call. A number of the
  /// step that is not finite, or a setting outside its range, is a usage error that
  /// names the setting, the clock and the value.
  const double *uniforms(const Clock &clock, const Step &step);

private:
  size_t find(const std::string &path) const;
  void set(size_t setting, const std::string &text, const std::string &origin);
  void fill(const Clock &clock);
  void check(size_t setting, const Clock *clock) const;
  std::string cause(size_t setting) const;
  Error refuseSchedule(size_t setting) const;

  const Manifest &manifest;
  AdvxUniformFunction fillUniforms;
  std::vector<double> overriding; ///< NaN where the page's value holds
  std::vector<std::string> overridingText;
  std::set<size_t> assigned; ///< by the command line
  std::vector<std::string> origins;
  std::vector<double> resolved;
  std::vector<double> uniformBuffer;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_SETTINGS_H
