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

/// On the left of a column of this width, or on the right of it.
std::string left(const std::string &word, size_t width) {
  return word + std::string(width - std::min(width, word.size()), ' ');
}
std::string right(const std::string &word, size_t width) {
  return std::string(width - std::min(width, word.size()), ' ') + word;
}

/// Of a share of 0 to 1, without the sign.
std::string percent(double share) {
  char number[16];
  std::snprintf(number, sizeof(number), "%.2f", 100 * share);
  return number;
}

} // namespace

std::string formatTable(const EvaluationResult &result, const std::string &weights) {
  size_t width = 4;
  for (const AttackResult &attack : result.attacks)
    width = std::max(width, attack.name.size());
  int64_t count = result.attacks.empty() ? 0 : result.attacks[0].count;
  std::string text = result.name + ": " + std::to_string(count) + " images of " + result.split +
                     ", " + (result.with ? result.with->text + ", " : "") + weights + "\n";
  if (std::string statistics = result.with ? result.with->describe() : ""; !statistics.empty())
    text += "  " + statistics + "\n";
  if (result.asked)
    text += "  " + std::to_string(*result.asked) + " images were asked for; `" + result.split +
            "` has " + std::to_string(count) + "\n";
  for (const auto &[path, value] : result.changes)
    text += (&path == &result.changes.front().first ? "  set: " : ", ") + path + " = " + value;
  text += result.changes.empty() ? "" : "\n";
  text += "  " + left("name", width) + "  accuracy   s.e.       n\n";
  for (const AttackResult &attack : result.attacks) {
    text += "  " + left(attack.name, width) + "  " + right(percent(attack.accuracy()), 6) + " %  " +
            right(percent(attack.standardError()), 5) + "  " +
            right(std::to_string(attack.count), 6);
    std::string how = describe(attack);
    if (!how.empty())
      text += "  " + how;
    if (attack.attacked && *attack.attacked < attack.count)
      text += "  (attacked the " + std::to_string(*attack.attacked) + " that were left)";
    if (attack.outside > 0)
      text += "  (" + std::to_string(attack.outside) + " outside their set: failed attacks)";
    if (attack.nonFinite > 0)
      text += "  (" + std::to_string(attack.nonFinite) + " not finite: neither right nor robust)";
    if (attack.vanishing.value_or(0) > 0)
      text += "  (first gradient zero or not finite: " + percent(attack.vanishingShare()) + " %)";
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
  std::string text = "  " + left("class", width) + "       n";
  for (const AttackResult &attack : result.attacks)
    text += "  " + right(attack.name, 8);
  text += "\n";
  for (size_t i = 0; i < classes.size(); ++i) {
    text += "  " + left(classes[i].name, width) + "  " + right(std::to_string(classes[i].count), 6);
    for (const AttackResult &attack : result.attacks)
      text +=
          right(percent(attack.classes[i].accuracy()), std::max(size_t(8), attack.name.size())) +
          " %";
    text += "\n";
  }
  return text;
}

} // namespace advx::runtime
