#include "runtime/train/Checkpoint.h"

#include "runtime/core/Error.h"
#include "runtime/core/JsonNumber.h"

#include <nlohmann/json.hpp>

namespace advx::runtime {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char *trainingKey = "advx.training";
constexpr int formatVersion = 1;

Json toJson(const TrainingState &training) {
  Json json;
  json["format"] = formatVersion;
  json["seed"] = training.seed;
  json["epoch"] = training.position.epoch;
  json["batch"] = training.position.batch;
  json["iteration"] = training.position.iteration;
  json["iterations"] = training.iterations;
  json["events"] = training.events;
  json["sums"] = Json::array();
  for (double sum : training.sums)
    json["sums"].push_back(jsonNumber(sum));
  if (training.best)
    json["best"] = {{"accuracy", training.best->accuracy}, {"epoch", training.best->epoch}};
  if (training.limit)
    json["limit"] = *training.limit;
  json["set"] = training.overrides;
  json["settings"] = Json::object();
  for (const auto &[path, value] : training.settings)
    json["settings"][path] = value;
  json["data"] = training.data;
  json["source_sha256"] = training.sourceHash;
  return json;
}

TrainingState fromJson(const Json &json) {
  TrainingState training;
  training.seed = json.at("seed").get<uint64_t>();
  training.position = {json.at("epoch").get<int64_t>(), json.at("batch").get<int64_t>(),
                       json.at("iteration").get<int64_t>()};
  training.iterations = json.at("iterations").get<int64_t>();
  training.events = json.at("events").get<int64_t>();
  for (const Json &sum : json.at("sums"))
    training.sums.push_back(numberOf(sum).has_value() ? *numberOf(sum) : sum.get<double>());
  if (json.contains("best"))
    training.best = BestValue{json.at("best").at("accuracy").get<double>(),
                              json.at("best").at("epoch").get<int64_t>()};
  if (json.contains("limit"))
    training.limit = json.at("limit").get<int64_t>();
  training.overrides = json.at("set").get<std::map<std::string, double>>();
  for (const auto &[path, value] : json.at("settings").items())
    training.settings.emplace_back(path, value.get<double>());
  training.data = json.at("data").get<std::string>();
  training.sourceHash = json.at("source_sha256").get<std::string>();
  return training;
}

} // namespace

void saveCheckpoint(const std::string &path, const Manifest &manifest, const char *state,
                    const TrainingState &training) {
  if (const Leaf *leaf = findNonFinite(manifest, state))
    throw Error(ExitCode::Numerical,
                "`" + leaf->name + "` is not finite after epoch " +
                    std::to_string(training.position.epoch) + ", step " +
                    std::to_string(training.position.batch),
                "lower the learning rate; the checkpoints of the run are from before");
  writeSafetensors(path, stateTensors(manifest, state),
                   {{"advx.experiment", manifest.experiment},
                    {optimizerMetadata, optimizerNames(manifest)},
                    {trainingKey, toJson(training).dump()}});
}

std::optional<TrainingState> readTrainingState(const SafetensorsFile &file) {
  auto found = file.metadata().find(trainingKey);
  if (found == file.metadata().end())
    return std::nullopt;
  try {
    Json json = Json::parse(found->second);
    if (json.at("format").get<int>() != formatVersion)
      throw dataError("`" + file.path() + "` is a checkpoint of format " +
                      json.at("format").dump() + ", and this runtime reads " +
                      std::to_string(formatVersion));
    return fromJson(json);
  } catch (const Json::exception &problem) {
    throw dataError("`" + file.path() + "` has damaged metadata: " + problem.what());
  }
}

} // namespace advx::runtime
