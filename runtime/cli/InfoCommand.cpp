#include "runtime/cli/Commands.h"

#include "runtime/core/Interrupt.h"
#include "runtime/core/Settings.h"
#include "runtime/core/State.h"
#include "runtime/core/Text.h"
#include "runtime/report/EvaluationResult.h"
#include "runtime/report/ReportText.h"
#include "runtime/report/RunRecord.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace advx::runtime {

namespace {

using Json = nlohmann::ordered_json;

/// Schedules show their value before the first step.
Clock beginning() {
  Clock clock;
  clock.epochs = clock.iterations = 1;
  return clock;
}

/// Runs every step once over blank images, so that the peak is what a run reaches.
void runEveryStep(const Manifest &manifest, Settings &settings, int64_t batch) {
  Session session(manifest, batch);
  initializeState(manifest, settings, 0, session);
  for (const Step &step : manifest.steps) {
    for (const Slot &slot : step.inputs)
      session.write(slot, batch, std::vector<char>(slot.bytes(batch)).data());
    session.run(step, {0, 0, 0, 0, batch, nullptr}, settings.uniforms(beginning(), step));
    throwIfInterrupted();
  }
}

Json stateToJson(const Manifest &manifest) {
  Json list = Json::array();
  for (const Leaf &leaf : manifest.state)
    list.push_back({{"name", leaf.name},
                    {"role", leaf.role},
                    {"shape", leaf.shape},
                    {"dtype", name(leaf.dtype)},
                    {"trainable", leaf.trainable}});
  for (const Table &table : manifest.tables)
    list.push_back({{"name", table.name},
                    {"role", table.perExample ? "example" : "slot"},
                    {"shape", table.shape},
                    {"dtype", name(table.dtype)},
                    {"trainable", false}});
  return list;
}

Json evaluationsToJson(const Manifest &manifest, const Settings &settings) {
  Json list = Json::array();
  for (const Evaluation &evaluation : manifest.evaluations) {
    Json entry;
    entry["name"] = evaluation.name;
    entry["split"] = evaluation.split;
    if (evaluation.with)
      entry["with"] = toJson(ModelResult(*evaluation.with));
    entry["at_end"] = evaluation.atEnd;
    entry["attacks"] = Json::array();
    for (const Attack &attack : evaluation.attacks) {
      Json item;
      item["name"] = attack.name;
      for (const auto &[key, value] : render(attack.report, settings, beginning()))
        item["report"][key] = value;
      if (!attack.of.empty())
        item["of"] = attack.of;
      entry["attacks"].push_back(std::move(item));
    }
    list.push_back(std::move(entry));
  }
  return list;
}

/// Values of each schedule at the beginnings of up to eleven epochs and at the end. How many
/// steps an epoch has only the data say; a hundred stand for them.
void addScheduleValues(const Manifest &manifest, Settings &settings, Json &list) {
  if (!manifest.train)
    return;
  constexpr int64_t steps = 100, most = 10;
  int64_t epochs = settings.integer(manifest.train->epochs, "the number of epochs", 0);
  std::vector<Clock> clocks;
  for (int64_t i = 0, count = std::min(epochs, most); i <= count && count > 0; ++i) {
    int64_t epoch = int64_t(double(epochs) * double(i) / double(count));
    clocks.push_back({epoch, epoch * steps, epochs, epochs * steps});
  }
  for (Json &entry : list)
    for (size_t i = 0; i < manifest.settings.size(); ++i)
      if (settings.isSchedule(i) && manifest.settings[i].path == entry["path"]) {
        std::vector<double> values = settings.values(i, clocks);
        entry["at"] = Json::array();
        for (size_t k = 0; k < clocks.size(); ++k)
          entry["at"].push_back({{"epoch", clocks[k].epoch}, {"value", values[k]}});
      }
}

Json collect(const Manifest &manifest, Settings &settings, int64_t batch, bool measured) {
  Json info;
  info["experiment"] = manifest.experiment;
  info["doc"] = manifest.doc;
  info["dtype"] = name(manifest.dtype);
  info["source"] = {{"path", manifest.sourcePath}, {"sha256", manifest.sourceHash}};
  info["versions"] = versionsToJson(manifest);
  info["data"] = {{"name", manifest.data.name},
                  {"format", manifest.data.format},
                  {"image", manifest.data.image},
                  {"classes", manifest.data.classes}};
  info["settings"] = settingsToJson(manifest, settings);
  addScheduleValues(manifest, settings, info["settings"]);
  info["structural"] = Json::array();
  for (const StructuralSetting &setting : manifest.structural)
    info["structural"].push_back({{"path", setting.path}, {"text", setting.text}});
  info["state"] = stateToJson(manifest);
  info["evaluations"] = evaluationsToJson(manifest, settings);
  info["memory"] = memoryToJson(manifest, batch);
  if (!measured)
    info["memory"].erase("peak");
  info["memory"].erase("data");
  return info;
}

std::string mebibytes(const Json &bytes) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f MiB", bytes.get<double>() / (1 << 20));
  return text;
}

void printText(const Manifest &manifest, const Settings &settings, const Json &info) {
  std::printf("%s, from %s\n", manifest.experiment.c_str(), manifest.sourcePath.c_str());
  if (!manifest.doc.empty())
    std::printf("%s\n", manifest.doc.c_str());
  std::printf("\nsettings (change with --set path=value)\n");
  for (const Json &setting : info["settings"]) {
    const Json &value = setting["value"];
    std::printf("  %-32s %-12s %s\n", setting["path"].get<std::string>().c_str(),
                (value.is_string() ? value.get<std::string>() : value.dump()).c_str(),
                setting["origin"].get<std::string>().c_str());
    if (!setting.contains("at") || setting["at"].empty())
      continue;
    std::printf("  %-32s", "");
    for (const Json &point : setting["at"])
      std::printf(" %s%lld: %.4g", &point == &setting["at"][0] ? "epoch " : "",
                  point["epoch"].get<long long>(), point["value"].get<double>());
    std::printf(" (as if of 100 steps each)\n");
  }
  if (!manifest.structural.empty())
    std::printf("\ncompiled in (change the page and build again)\n");
  for (const StructuralSetting &setting : manifest.structural)
    std::printf("  %-32s %s\n", setting.path.c_str(), setting.text.c_str());
  std::printf("\nstate (%s)\n", name(manifest.dtype));
  int64_t trainable = 0;
  for (const Leaf &leaf : manifest.state) {
    std::printf("  %-32s %-18s %s\n", leaf.name.c_str(), formatShape(leaf.shape).c_str(),
                leaf.role.c_str());
    trainable += leaf.trainable ? elementCount(leaf.shape) : 0;
  }
  std::printf("  %lld trainable numbers\n", (long long)trainable);
  for (const Evaluation &evaluation : manifest.evaluations) {
    std::printf("\nevaluation %s on %s%s\n", evaluation.name.c_str(), evaluation.split.c_str(),
                evaluation.with ? (" with " + evaluation.with->text).c_str() : "");
    for (const Attack &attack : evaluation.attacks) {
      std::printf("  %s", attack.name.c_str());
      for (const auto &[key, value] : render(attack.report, settings, beginning()))
        std::printf("; %s: %s", key.c_str(), value.c_str());
      std::printf("\n");
    }
  }
  const Json &memory = info["memory"];
  for (const char *kind : {"planned", "peak"}) {
    if (!memory.contains(kind))
      continue;
    std::printf("\nmemory %s for batches of %lld: %s (state and constants %s, examples %s)\n", kind,
                memory["batch"].get<long long>(), mebibytes(memory[kind]["total"]).c_str(),
                mebibytes(memory[kind]["state_arena"]).c_str(),
                mebibytes(memory[kind]["batch_arena"]).c_str());
  }
  if (memory.contains("peak"))
    std::printf("memory that libraries took beside it: %s\n",
                mebibytes(memory["library_scratch"]).c_str());
}

} // namespace

ExitCode infoCommand(const Program &program, const InfoOptions &options) {
  const Manifest &manifest = program.manifest;
  Settings settings(manifest, program.fillUniforms);
  for (const std::string &assignment : options.set)
    settings.assign(assignment);
  settings.verify();
  int64_t batch = settings.integer(manifest.data.batch, "the batch size", 1);
  if (options.measure)
    runEveryStep(manifest, settings, batch);
  Json info = collect(manifest, settings, batch, options.measure);
  if (options.json)
    std::printf("%s\n", jsonText(info, 2).c_str());
  else
    printText(manifest, settings, info);
  return ExitCode::Success;
}

} // namespace advx::runtime
