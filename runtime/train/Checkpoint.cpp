#include "runtime/train/Checkpoint.h"

#include "runtime/core/Error.h"
#include "runtime/core/JsonNumber.h"
#include "runtime/core/Leaves.h"
#include "runtime/core/Text.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace advx::runtime {

namespace {

using Json = nlohmann::ordered_json;
/// For what is read: finds a member without walking over all.
using PlainJson = nlohmann::json;

constexpr const char *trainingKey = "advx.training";
constexpr int formatVersion = 2;

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
  if (training.isStopped)
    json["stopped"] = true;
  if (training.weightsEpoch)
    json["weights_epoch"] = *training.weightsEpoch;
  if (!training.measured.empty())
    json["measured"] = training.measured;
  if (training.limit)
    json["limit"] = *training.limit;
  json["set"] = training.overrides;
  json["settings"] = Json::object();
  for (const auto &[path, value] : training.settings)
    json["settings"][path] = value;
  json["data"] = training.data;
  json["program"] = training.program;
  return json;
}

/// The members of the metadata's JSON, each of its kind and in its range.
class Reader {
public:
  Reader(const PlainJson &json, const std::string &path) : json(json), path(path) {}

  /// A whole number of 0 to `most`.
  int64_t count(const PlainJson &object, const char *key, int64_t most = INT64_MAX) const {
    const PlainJson &value = member(object, key);
    if (!value.is_number_integer() || (!value.is_number_unsigned() && value.get<int64_t>() < 0) ||
        value.get<uint64_t>() > uint64_t(most))
      fail(key, value, "a whole number of at least 0");
    return value.get<int64_t>();
  }

  double number(const PlainJson &value, const std::string &key) const {
    if (!value.is_number() || !std::isfinite(value.get<double>()))
      fail(key, value, "a number");
    return value.get<double>();
  }

  std::string text(const PlainJson &value, const std::string &key) const {
    if (!value.is_string())
      fail(key, value, "a text");
    return value.get<std::string>();
  }

  std::map<std::string, std::string> texts(const char *key) const {
    std::map<std::string, std::string> result;
    for (const auto &[name, value] : object(key).items())
      result[name] = text(value, key + ("." + name));
    return result;
  }

  const PlainJson &object(const char *key) const {
    const PlainJson &value = member(json, key);
    if (!value.is_object())
      fail(key, value, "an object");
    return value;
  }

  TrainingState read() const {
    TrainingState training;
    const PlainJson &seed = member(json, "seed");
    if (!seed.is_number_unsigned())
      fail("seed", seed, "a whole number of at least 0");
    training.seed = seed.get<uint64_t>();
    training.position = {count(json, "epoch"), count(json, "batch"), count(json, "iteration")};
    training.iterations = count(json, "iterations");
    training.events = count(json, "events");
    const PlainJson &sums = member(json, "sums");
    if (!sums.is_array())
      fail("sums", sums, "a list of numbers");
    for (const PlainJson &sum : sums) {
      std::optional<double> value = numberOf(sum);
      training.sums.push_back(value ? *value : number(sum, "sums"));
    }
    if (json.contains("best")) {
      const PlainJson &best = object("best");
      training.best = BestValue{number(member(best, "accuracy"), "best.accuracy"),
                                count(best, "epoch", training.position.epoch)};
      if (training.best->accuracy < 0 || training.best->accuracy > 1)
        fail("best.accuracy", best["accuracy"], "a number from 0 to 1");
    }
    if (json.contains("stopped")) {
      if (!json["stopped"].is_boolean())
        fail("stopped", json["stopped"], "true or false");
      training.isStopped = json["stopped"].get<bool>();
    }
    if (json.contains("weights_epoch"))
      training.weightsEpoch = count(json, "weights_epoch", training.position.epoch);
    if (json.contains("measured"))
      for (const auto &[name, accuracy] : object("measured").items())
        training.measured[name] = number(accuracy, "measured." + name);
    if (json.contains("limit"))
      training.limit = count(json, "limit");
    training.overrides = texts("set");
    for (const auto &[key, value] : texts("settings"))
      training.settings.emplace_back(key, value);
    training.data = texts("data");
    training.program = texts("program");
    return training;
  }

private:
  const PlainJson &member(const PlainJson &object, const char *key) const {
    auto found = object.find(key);
    if (found == object.end())
      throw dataError("`" + path + "` has damaged metadata: it has no `" + key + "`");
    return *found;
  }

  [[noreturn]] void fail(const std::string &key, const PlainJson &value,
                         const char *expected) const {
    std::string found = value.dump(-1, ' ', true, PlainJson::error_handler_t::replace);
    throw dataError("`" + path + "` has damaged metadata: its `" + key + "` is " +
                    found.substr(0, 40) + ", expected " + expected);
  }

  const PlainJson &json;
  const std::string &path;
};

} // namespace

void saveCheckpoint(const std::string &path, const Manifest &manifest, const Session &session,
                    const Tables &tables, const TrainingState &training) {
  const Leaf *leaf = findNonFinite(manifest, session);
  if (const std::string name = leaf ? leaf->name : tables.nonFinite(); !name.empty())
    throw Error(ExitCode::Numerical,
                "`" + name + "` is not finite after epoch " +
                    std::to_string(training.position.epoch) + ", step " +
                    std::to_string(training.position.batch),
                "lower the learning rate; the checkpoints of the run are from before");
  std::vector<TensorToWrite> tensors = stateTensors(manifest, session);
  for (TensorToWrite &table : tables.tensors())
    tensors.push_back(std::move(table));
  writeSafetensors(path, tensors,
                   {{"advx.experiment", manifest.experiment},
                    {optimizerMetadata, optimizerNames(manifest)},
                    {trainingKey, jsonText(toJson(training))}});
}

std::optional<TrainingState> readTrainingState(const SafetensorsFile &file) {
  auto found = file.metadata().find(trainingKey);
  if (found == file.metadata().end())
    return std::nullopt;
  PlainJson json = PlainJson::parse(found->second, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object())
    throw dataError("`" + file.path() + "` has damaged metadata: `" + trainingKey +
                    "` is not a JSON object");
  Reader reader(json, file.path());
  int64_t format = reader.count(json, "format");
  if (format != formatVersion)
    throw dataError("`" + file.path() + "` is a checkpoint of format " + std::to_string(format) +
                    ", and this runtime reads " + std::to_string(formatVersion));
  return reader.read();
}

void checkPosition(const TrainingState &training, int64_t epochs, int64_t batches, int64_t replays,
                   const std::string &path) {
  const Position &position = training.position;
  bool ends = position.epoch == epochs && position.batch == 0;
  bool isInside = position.epoch < epochs && position.batch <= batches;
  // The horizon was checked to fit, so a position inside it does.
  if ((ends || isInside) &&
      position.iteration == (position.epoch * batches + position.batch) * replays)
    return;
  throw dataError("`" + path + "` has damaged metadata: no run of " + std::to_string(epochs) +
                  " epochs of " + std::to_string(batches) + " batches is at epoch " +
                  std::to_string(position.epoch) + ", batch " + std::to_string(position.batch) +
                  ", iteration " + std::to_string(position.iteration));
}

} // namespace advx::runtime
