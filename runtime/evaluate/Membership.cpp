#include "runtime/evaluate/Membership.h"

#include "runtime/core/Error.h"
#include "runtime/core/Interrupt.h"
#include "runtime/core/Settings.h"
#include "runtime/data/BatchInputs.h"

#include <algorithm>
#include <cstdio>

namespace advx::runtime {

namespace {

/// A distance to be read, not to be computed with.
std::string shortNumber(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.6g", value);
  return text;
}

[[noreturn]] void refuse(const DataDescription &data, const SetUse &use, int64_t image,
                         double outside) {
  std::string set = "the set of " + use.user;
  if (!use.set.empty())
    set += ", `" + use.set + "`,";
  if (outside < 0)
    throw dataError(set + " has no points: a lower bound of it lies above the upper one",
                    "`info` shows the numbers in force; put the smaller bound first");
  std::string range = formatNumber(data.low) + ", " + formatNumber(data.high);
  throw dataError("image " + std::to_string(image) + " of `" + use.split + "` is not in " + set +
                      " by " + shortNumber(outside) + " in an entry",
                  "the images lie in [" + range + "]; a set must hold every image that it is " +
                      "around: use `box(" + range + ")` or other numbers (see info)");
}

} // namespace

void requireMembers(Session &session, const Manifest &manifest, const SetUse &use,
                    const Images &images, const int64_t *rows, int64_t count, uint64_t seed,
                    const double *uniforms) {
  const Step &step = manifest.steps[use.step];
  const Slot &slot = *step.output("outside");
  BatchInputs inputs;
  for (int64_t done = 0; done < count; done += session.maximumBatch()) {
    throwIfInterrupted();
    int64_t batch = std::min(session.maximumBatch(), count - done);
    std::vector<int64_t> some(rows + done, rows + done + batch);
    inputs.gather(step, manifest.data, images, {some, some});
    inputs.write(session, step);
    session.run(step, AdvxContext{seed, 0, 0, 0, batch, nullptr}, uniforms);
    std::vector<double> outside = session.reals(slot, batch);
    for (size_t row = 0; row < outside.size(); ++row)
      if (!(outside[row] == 0)) // a NaN is no place inside
        refuse(manifest.data, use, rows[size_t(done) + row], outside[row]);
  }
}

} // namespace advx::runtime
