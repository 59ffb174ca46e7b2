#include "runtime/core/Profile.h"

#include <ctime>

namespace advx::runtime {

namespace {
double secondsOf(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
}
} // namespace

bool Profile::on = false;

Profile &Profile::instance() {
  static Profile profile;
  return profile;
}

void Profile::add(const std::string &place, const Stopwatch &watch, double bytes) {
  double wall = watch.wall(), cpu = watch.cpu();
  Place &entry = known[place];
  ++entry.calls;
  entry.wall += wall;
  entry.cpu += cpu;
  entry.bytes += bytes;
}

void Profile::addStep(const StepSample &sample) {
  samples.push_back(sample);
  if (samples.size() == 1)
    warmUp.swap(known);
}

void Profile::clear() {
  warmUp.clear();
  known.clear();
  samples.clear();
  loaded.clear();
}

double Stopwatch::wallNow() { return secondsOf(CLOCK_MONOTONIC); }
double Stopwatch::cpuNow() { return secondsOf(CLOCK_PROCESS_CPUTIME_ID); }

} // namespace advx::runtime
