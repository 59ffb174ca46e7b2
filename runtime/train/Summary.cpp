#include "runtime/train/Summary.h"

#include "runtime/core/Files.h"
#include "runtime/core/Text.h"
#include "runtime/report/RunRecord.h"

#include <nlohmann/json.hpp>

namespace advx::runtime {

using Json = nlohmann::ordered_json;

void writeSummary(const std::string &path, const Manifest &manifest, const TrainingState &training,
                  const std::vector<FinalEvaluation> &evaluations, int64_t batch) {
  Json summary;
  summary["experiment"] = manifest.experiment;
  summary["seed"] = training.seed;
  summary["epochs"] = training.position.epoch;
  summary["iterations"] = training.position.iteration;
  if (training.limit)
    summary["limit"] = *training.limit;
  if (manifest.keep && training.best)
    summary["best"] = {{"measure", manifest.keep->evaluation + "." + manifest.keep->attack},
                       {"accuracy", training.best->accuracy},
                       {"epoch", training.best->epoch}};
  summary["evaluations"] = Json::array();
  for (const FinalEvaluation &evaluation : evaluations) {
    Json entry = toJson(evaluation.result);
    entry["weights"] = evaluation.weights;
    entry["epoch"] = evaluation.epoch;
    summary["evaluations"].push_back(std::move(entry));
  }
  summary["memory"] = memoryToJson(manifest, batch);
  writeFileAtomically(path, jsonText(summary, 2) + "\n");
}

} // namespace advx::runtime
