#include "runtime/report/RunRecord.h"

#include "runtime/core/Files.h"
#include "runtime/core/JsonNumber.h"
#include "runtime/core/Session.h"
#include "runtime/core/Text.h"
#include "runtime/library/LibraryScratch.h"
#include "runtime/library/Providers.h"

#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sys/utsname.h>
#include <thread>

namespace advx::runtime {

namespace {

using Json = nlohmann::ordered_json;

std::string processorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("model name", 0) == 0 && line.find(": ") != std::string::npos)
      return line.substr(line.find(": ") + 2);
  return "unknown";
}

Json hostToJson() {
  Json json;
  json["cpu"] = processorName();
  json["cores"] = std::thread::hardware_concurrency();
  utsname system{};
  if (::uname(&system) == 0)
    json["os"] = std::string(system.sysname) + " " + system.release + " " + system.machine;
  return json;
}

const char *kindName(Setting::Kind kind) {
  return kind == Setting::Kind::Int ? "int" : kind == Setting::Kind::Bool ? "bool" : "real";
}

} // namespace

Json numberToJson(const Setting &setting, double value) {
  if (!std::isfinite(value))
    return jsonNumber(value);
  if (setting.kind == Setting::Kind::Int)
    return int64_t(value);
  if (setting.kind == Setting::Kind::Bool)
    return value != 0;
  return value;
}

Json settingsToJson(const Manifest &manifest, const Settings &settings) {
  Json list = Json::array();
  for (size_t i = 0; i < manifest.settings.size(); ++i) {
    const Setting &setting = manifest.settings[i];
    if (!setting.isFree())
      continue;
    Json entry;
    entry["path"] = setting.path;
    if (settings.isSchedule(i))
      entry["value"] = settings.text(i);
    else
      entry["value"] = numberToJson(setting, settings.value(i));
    if (settings.isSchedule(i))
      entry["schedule"] = true;
    entry["origin"] = settings.origin(i);
    entry["kind"] = kindName(setting.kind);
    entry["text"] = setting.text;
    if (setting.line > 0)
      entry["line"] = setting.line;
    if (setting.minimum)
      entry["minimum"] = *setting.minimum;
    if (setting.maximum)
      entry["maximum"] = *setting.maximum;
    list.push_back(std::move(entry));
  }
  return list;
}

void addDataParts(const Manifest &manifest, const Settings &settings, Json &data) {
  const DataDescription &all = manifest.data;
  if (all.hasSynthetic())
    data["synthetic"] = true;
  if (all.epoch)
    data["epoch"] = int64_t(settings.value(*all.epoch));
  for (size_t i = 0; all.isMixture() && i <= all.more.size(); ++i) {
    const DataDescription part = all.part(i);
    data["parts"].push_back({{"name", part.name},
                             {"share", settings.value(part.share)},
                             {"format", part.format},
                             {"train", part.train}});
  }
}

Json versionsToJson(const Manifest &manifest) {
  Json json;
  json["compiler"] = manifest.compilerVersion;
  json["runtime"] = ADVX_VERSION;
  json["abi"] = ADVX_ABI_VERSION;
  json["llvm"] = manifest.compilerLlvm;
  json["options"] = manifest.compilerOptions;
  json["cpu"] = manifest.compilerCpu;
  json["precision"] = name(manifest.dtype);
  return json;
}

Json libraryToJson(const Manifest &manifest) {
  Json list = Json::array();
  for (const LibraryUse &use : manifest.library) {
    list.push_back({{"op", use.op},
                    {"provider", use.provider},
                    {"algorithm", use.algorithm},
                    {"sites", use.sites}});
    if (use.provider == "onednn") // the one that others step in for
      list.back()["ran"] = providersThatRan(use.op);
  }
  return list;
}

Json importsToJson(const std::vector<Import> &imports) {
  Json list = Json::array();
  for (const Import &import : imports)
    list.push_back({{"file", import.file},
                    {"path", import.path},
                    {"crc32", import.crc},
                    {"skipped", import.skipped},
                    {"unused", import.unused}});
  return list;
}

Json memoryToJson(const Manifest &manifest, int64_t batch) {
  MemoryPlan plan = planMemory(manifest, batch);
  Json json;
  json["batch"] = batch;
  json["planned"] = {
      {"state_arena", plan.state}, {"batch_arena", plan.batch}, {"total", plan.state + plan.batch}};
  size_t state = memoryUse(MemoryKind::State).peak, rows = memoryUse(MemoryKind::Batch).peak;
  json["peak"] = {{"state_arena", state}, {"batch_arena", rows}, {"total", state + rows}};
  json["data"] = memoryUse(MemoryKind::Data).peak;
  json["library_scratch"] = libraryScratchBytes();
  return json;
}

void writeRunRecord(const std::string &path, const Manifest &manifest, const Settings &settings,
                    const RunRecord &record) {
  Json json;
  json["format"] = 1;
  json["experiment"] = manifest.experiment;
  json["doc"] = manifest.doc;
  json["status"] = record.status;
  if (!record.error.empty())
    json["error"] = record.error;
  json["started"] = record.started;
  if (!record.resumed.empty())
    json["resumed"] = record.resumed;
  if (!record.ended.empty())
    json["ended"] = record.ended;
  json["replay"] = shellQuote(record.replay);
  json["argv"] = record.command;
  json["seed"] = {{"value", record.seed}, {"origin", record.seedOrigin}};
  if (record.limit)
    json["limit"] = *record.limit;
  json["threads"] = record.threads;
  json["host"] = hostToJson();
  json["versions"] = versionsToJson(manifest);
  json["library"] = libraryToJson(manifest);
  json["data"] = {{"name", manifest.data.name},
                  {"directory", record.dataDirectory},
                  {"files", record.dataFingerprints}};
  addDataParts(manifest, settings, json["data"]);
  if (!record.init.empty())
    json["init"] = record.init;
  if (!record.imports.empty())
    json["weights"] = importsToJson(record.imports);
  json["settings"] = settingsToJson(manifest, settings);
  json["structural"] = Json::array();
  for (const StructuralSetting &setting : manifest.structural)
    json["structural"].push_back(
        {{"path", setting.path}, {"text", setting.text}, {"origin", setting.origin}});
  json["source"] = {{"path", manifest.sourcePath},
                    {"sha256", manifest.sourceHash},
                    {"text", manifest.sourceText}};
  json["texts"] = Json::array();
  for (const SourceText &text : manifest.texts)
    json["texts"].push_back({{"path", text.path}, {"sha256", text.hash}, {"text", text.text}});
  writeFileAtomically(path, jsonText(json, 2) + "\n");
}

void readRunHistory(const std::string &path, RunRecord &record) {
  if (!fileExists(path))
    return;
  std::vector<char> bytes = readFile(path, "run record");
  auto json = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr,
                                    /*allow_exceptions=*/false);
  if (!json.is_object())
    return;
  if (json.contains("started") && json["started"].is_string())
    record.started = json["started"].get<std::string>();
  if (json.contains("status") && json["status"].is_string())
    record.status = json["status"].get<std::string>();
  if (json.contains("init") && json["init"].is_string())
    record.init = json["init"].get<std::string>();
  if (json.contains("weights") && json["weights"].is_array())
    for (const auto &item : json["weights"])
      try {
        record.imports.push_back(
            {item.at("file").get<std::string>(), item.at("path").get<std::string>(),
             item.at("crc32").get<uint32_t>(), item.at("skipped").get<std::vector<std::string>>(),
             item.at("unused").get<std::vector<std::string>>()});
      } catch (const Json::exception &) {
        continue;
      }
  if (json.contains("resumed") && json["resumed"].is_array())
    for (const auto &time : json["resumed"])
      if (time.is_string())
        record.resumed.push_back(time.get<std::string>());
}

std::string utcNow() {
  std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

/// A byte inside $'...'.
static std::string quotedByte(char character) {
  if (character == '\'' || character == '\\')
    return std::string("\\") + character;
  if (uint8_t(character) >= 0x20 && uint8_t(character) < 0x7F)
    return std::string(1, character);
  char text[8];
  std::snprintf(text, sizeof(text), "\\x%02x", unsigned(uint8_t(character)));
  return text;
}

std::string shellQuote(const std::vector<std::string> &words) {
  std::string line;
  for (const std::string &word : words) {
    if (!line.empty())
      line += ' ';
    bool plain = !word.empty() &&
                 word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789_-./=:,+@%") == std::string::npos;
    if (plain) {
      line += word;
      continue;
    }
    // What is no text is quoted as bash has it, so that the line can be pasted all the same.
    bool isText = word == printable(word) && word.find('\n') == std::string::npos;
    line += isText ? "'" : "$'";
    for (char character : word)
      if (isText)
        line += character == '\'' ? std::string("'\\''") : std::string(1, character);
      else
        line += quotedByte(character);
    line += '\'';
  }
  return line;
}

} // namespace advx::runtime
