#include "runtime/train/Events.h"

#include "runtime/core/Text.h"
#include "runtime/report/Progress.h"
#include "runtime/report/RunRecord.h"

#include <nlohmann/json.hpp>

namespace advx::runtime {

using Json = nlohmann::ordered_json;

Events::Events(const std::string &path, int64_t kept, const Manifest &manifest, Settings &settings,
               const Measures &measures)
    : manifest(manifest), settings(settings), measures(measures), writer(path, kept),
      opened(monotonicSeconds()) {}

void Events::step(const Position &position, const Clock &now) {
  Json event;
  event["event"] = "step";
  event["epoch"] = position.epoch + 1;
  event["step"] = position.batch;
  event["iteration"] = position.iteration;
  measures.describe(measures.values(), event);
  describeSchedules(now, event);
  write(event);
}

void Events::epoch(int64_t epoch, const std::vector<double> &means, const Clock &now) {
  Json event;
  event["event"] = "epoch";
  event["epoch"] = epoch;
  event["iteration"] = now.iteration;
  measures.describe(means, event);
  describeSchedules(now, event);
  write(event);
}

void Events::evaluation(const EvaluationResult &result, const std::string &weights, int64_t epoch,
                        int64_t iteration) {
  Json event;
  event["event"] = "evaluation";
  event["epoch"] = epoch;
  event["iteration"] = iteration;
  event["weights"] = weights;
  Json description = toJson(result);
  for (auto &attack : description["attacks"]) {
    attack.erase("report");  // the same in every event; run.json and summary.json have it
    attack.erase("classes"); // summary.json has them, of the evaluations at the end
  }
  event.update(description);
  write(event);
}

void Events::stop(int64_t epoch, int64_t iteration) {
  Json event;
  event["event"] = "stop";
  event["epoch"] = epoch;
  event["iteration"] = iteration;
  write(event);
}

/// Adds the schedules at the last step that was made.
void Events::describeSchedules(Clock now, Json &event) {
  --now.iteration;
  settings.uniforms(now, manifest.steps[manifest.train->step]);
  for (size_t i = 0; i < manifest.settings.size(); ++i)
    if (manifest.settings[i].isSchedule && manifest.settings[i].isFree())
      event["schedules"][manifest.settings[i].path] =
          numberToJson(manifest.settings[i], settings.value(i));
}

void Events::write(Json &event) {
  event["t"] = monotonicSeconds() - opened;
  writer.write(jsonText(event));
}

} // namespace advx::runtime
