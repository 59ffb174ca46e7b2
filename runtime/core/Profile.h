//===- Profile.h - Where a step's time goes --------------------------------===//
//
// Off until `enable`; then every library op and every kernel adds the time
// of its calls to its place, and every step is one sample. The calling thread alone
// measures, around whole calls, so threads inside a call are not seen apart. CPU time is
// what other jobs on the machine disturb least.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_CORE_PROFILE_H
#define ADVX_RUNTIME_CORE_PROFILE_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace advx::runtime {

class Profile {
public:
  struct Place {
    int64_t calls = 0;
    double wall = 0, cpu = 0; ///< seconds; cpu of the whole process
    double bytes = 0;         ///< of operands and results, where the caller knows them
  };
  struct StepSample {
    int64_t examples;
    double wall, cpu; ///< seconds; cpu of the whole process
  };

  /// Of a batch, in seconds of the wall clock.
  struct LoadSample {
    double gathered; ///< that making it of the images took, beside the step before
    double waited;   ///< that the step waited until its inputs were filled
  };

  static Profile &instance();
  static bool isOn() { return on; }
  static void enable(bool isWanted) { on = isWanted; }

  /// Adds a call of `bytes` (0: not known) that began with `watch`.
  void add(const std::string &place, const class Stopwatch &watch, double bytes);
  /// Ends a step.
  void addStep(const StepSample &sample);
  void addLoad(const LoadSample &sample) { loaded.push_back(sample); }
  void clear();

  /// Of the steps from `firstListed` on.
  const std::map<std::string, Place> &places() const { return known.empty() ? warmUp : known; }
  const std::vector<StepSample> &steps() const { return samples; }
  const std::vector<LoadSample> &loads() const { return loaded; }
  /// The first step creates what later ones reuse (code of libraries, their memory), so it is
  /// left out where there are others.
  size_t firstListed() const { return samples.size() > 1 ? 1 : 0; }

private:
  static bool on;
  std::map<std::string, Place> warmUp; ///< the first step's, once it has ended
  std::map<std::string, Place> known;
  std::vector<StepSample> samples;
  std::vector<LoadSample> loaded;
};

/// Wall and process CPU seconds since construction.
class Stopwatch {
public:
  Stopwatch() : wallStart(wallNow()), cpuStart(cpuNow()) {}
  double wall() const { return wallNow() - wallStart; }
  double cpu() const { return cpuNow() - cpuStart; }

private:
  static double wallNow();
  static double cpuNow();
  double wallStart, cpuStart;
};

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_PROFILE_H
