#include "runtime/report/Table.h"

#include <algorithm>
#include <cstdio>

namespace advx::runtime {

namespace {

/// The report in the words of the page: "max OBJECTIVE over SET by SOLVER".
std::string describe(const AttackResult &attack) {
  std::string text, rest;
  auto find = [&](const char *key) {
    for (const auto &[name, value] : attack.report)
      if (name == key)
        return value;
    return std::string();
  };
  for (auto [key, word] : {std::pair("objective", "max "), {"over", " over "}, {"solver", " by "}})
    if (std::string value = find(key); !value.empty())
      text += word + value;
  for (const auto &[key, value] : attack.report)
    if (key != "objective" && key != "over" && key != "solver")
      rest.append(text.empty() && rest.empty() ? "" : ", ").append(key).append(" = ").append(value);
  return text + rest;
}

} // namespace

std::string formatTable(const EvaluationResult &result, const std::string &weights) {
  size_t width = 4;
  for (const AttackResult &attack : result.attacks)
    width = std::max(width, attack.name.size());
  int64_t count = result.attacks.empty() ? 0 : result.attacks[0].count;
  std::string text = result.name + ": " + std::to_string(count) + " images of " + result.split +
                     ", " + weights + "\n";
  if (result.asked)
    text += "  " + std::to_string(*result.asked) + " images were asked for; `" + result.split +
            "` has " + std::to_string(count) + "\n";
  for (const auto &[path, value] : result.changes)
    text += (&path == &result.changes.front().first ? "  set: " : ", ") + path + " = " + value;
  text += result.changes.empty() ? "" : "\n";
  char line[256];
  std::snprintf(line, sizeof(line), "  %-*s  accuracy   s.e.       n\n", int(width), "name");
  text += line;
  for (const AttackResult &attack : result.attacks) {
    std::snprintf(line, sizeof(line), "  %-*s  %6.2f %%  %5.2f  %6lld", int(width),
                  attack.name.c_str(), 100 * attack.accuracy(), 100 * attack.standardError(),
                  (long long)attack.count);
    text += line;
    std::string how = describe(attack);
    if (!how.empty())
      text += "  " + how;
    if (attack.attacked && *attack.attacked < attack.count)
      text += "  (attacked the " + std::to_string(*attack.attacked) + " that were left)";
    if (attack.outside > 0)
      text += "  (" + std::to_string(attack.outside) + " outside their set: failed attacks)";
    if (attack.nonFinite > 0)
      text += "  (" + std::to_string(attack.nonFinite) + " not finite: neither right nor robust)";
    if (attack.vanishing.value_or(0) > 0) {
      std::snprintf(line, sizeof(line), "  (first gradient zero or not finite: %.2f %%)",
                    100 * attack.vanishingShare());
      text += line;
    }
    text += "\n";
  }
  return text;
}

std::string formatClasses(const EvaluationResult &result) {
  if (result.attacks.empty())
    return "";
  // Every line is about the same examples, so it has the same classes.
  const std::vector<ClassResult> &classes = result.attacks[0].classes;
  size_t width = 5;
  for (const ClassResult &kind : classes)
    width = std::max(width, kind.name.size());
  auto padded = [](const std::string &word, size_t width) {
    return word + std::string(width - std::min(width, word.size()), ' ');
  };
  std::string text = "  " + padded("class", width) + "       n";
  for (const AttackResult &attack : result.attacks)
    text += "  " + std::string(8 - std::min(size_t(8), attack.name.size()), ' ') + attack.name;
  text += "\n";
  for (size_t i = 0; i < classes.size(); ++i) {
    char cell[32];
    std::snprintf(cell, sizeof(cell), "  %6lld", (long long)classes[i].count);
    text += "  " + padded(classes[i].name, width) + cell;
    for (const AttackResult &attack : result.attacks) {
      std::snprintf(cell, sizeof(cell), "%*.2f %%", int(std::max(size_t(8), attack.name.size())),
                    100 * attack.classes[i].accuracy());
      text += cell;
    }
    text += "\n";
  }
  return text;
}

} // namespace advx::runtime
