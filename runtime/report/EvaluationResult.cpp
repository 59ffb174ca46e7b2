#include "runtime/report/EvaluationResult.h"

#include "runtime/core/JsonNumber.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace advx::runtime {

double AttackResult::accuracy() const { return count ? double(correct) / double(count) : 0; }

double AttackResult::standardError() const {
  return count ? std::sqrt(accuracy() * (1 - accuracy()) / double(count)) : 0;
}

double AttackResult::vanishingShare() const {
  int64_t of = attacked.value_or(count);
  return of > 0 ? double(vanishing.value_or(0)) / double(of) : 0;
}

ModelResult::ModelResult(const EvaluatedModel &model)
    : text(model.text), statistics(model.estimation      ? Statistics::Estimated
                                   : model.ownStatistics ? Statistics::Own
                                                         : Statistics::None) {}

std::string ModelResult::describe() const {
  switch (statistics) {
  case Statistics::None:
    return "";
  case Statistics::Own:
    return "running statistics: those of " + text.substr(0, text.find('['));
  case Statistics::Estimated:
    return "running statistics: estimated for " + text + " on " + std::to_string(images) +
           " training images, " + std::to_string(batches) + (batches == 1 ? " batch" : " batches");
  }
  return "";
}

nlohmann::ordered_json toJson(const ModelResult &model) {
  nlohmann::ordered_json json;
  json["model"] = model.text;
  switch (model.statistics) {
  case ModelResult::Statistics::None:
    json["statistics"] = "none";
    break;
  case ModelResult::Statistics::Own:
    json["statistics"] = "own";
    break;
  case ModelResult::Statistics::Estimated:
    json["statistics"] = "estimated";
    if (model.batches > 0) {
      json["images"] = model.images;
      json["batches"] = model.batches;
    }
    break;
  }
  return json;
}

const AttackResult *EvaluationResult::attack(std::string_view name) const {
  for (const AttackResult &attack : attacks)
    if (attack.name == name)
      return &attack;
  return nullptr;
}

std::string describeNonFinite(const EvaluationResult &result) {
  std::string lines;
  for (const AttackResult &attack : result.attacks)
    if (attack.nonFinite > 0)
      lines += (lines.empty() ? "" : ", ") + std::to_string(attack.nonFinite) + " of " +
               std::to_string(attack.count) + " in line `" + attack.name + "`";
  return lines.empty() ? lines : "evaluation `" + result.name + "`: " + lines;
}

Error nonFiniteError(const std::string &findings) {
  return Error(ExitCode::Numerical,
               "images with a logit, an objective or an attacked image that is not finite count " +
                   std::string("as neither right nor robust: ") + findings,
               "`attack --evaluation NAME --attack LINE` writes them, with a field `finite`");
}

nlohmann::ordered_json toJson(const EvaluationResult &result) {
  nlohmann::ordered_json json;
  json["name"] = result.name;
  json["split"] = result.split;
  if (result.with)
    json["with"] = toJson(*result.with);
  if (result.asked)
    json["asked"] = *result.asked;
  json["attacks"] = nlohmann::ordered_json::array();
  for (const AttackResult &attack : result.attacks) {
    nlohmann::ordered_json entry;
    entry["name"] = attack.name;
    entry["accuracy"] = attack.accuracy();
    entry["standard_error"] = attack.standardError();
    entry["n"] = attack.count;
    if (attack.attacked)
      entry["attacked"] = *attack.attacked;
    entry["outside"] = attack.outside;
    entry["nonfinite"] = attack.nonFinite;
    if (attack.objective)
      entry["objective"] = jsonNumber(*attack.objective);
    else if (attack.hasObjective && attack.attacked != 0)
      entry["objective"] = "nan"; // of no example is it finite
    if (attack.vanishing)
      entry["vanishing"] = attack.vanishingShare();
    entry["classes"] = nlohmann::ordered_json::array();
    for (const ClassResult &kind : attack.classes)
      entry["classes"].push_back(
          {{"name", kind.name}, {"n", kind.count}, {"accuracy", kind.accuracy()}});
    if (!attack.report.empty()) {
      entry["report"] = nlohmann::ordered_json::object();
      for (const auto &[key, value] : attack.report)
        entry["report"][key] = value;
    }
    json["attacks"].push_back(std::move(entry));
  }
  return json;
}

} // namespace advx::runtime
