//===- Complete.cpp - What a shell offers after a tab ----------------------===//

#include "compiler/tools/advx/Complete.h"

#include <algorithm>

namespace advx::tools {

void Choices::restrict(CLI::Option *option, std::vector<std::string> words) {
  option->check(CLI::IsMember(words));
  offer(option, std::move(words));
}

void Choices::offer(const CLI::Option *option, std::vector<std::string> words) {
  known[option] = std::move(words);
}

const std::vector<std::string> &Choices::of(const CLI::Option *option) const {
  static const std::vector<std::string> none;
  auto found = known.find(option);
  return found == known.end() ? none : found->second;
}

namespace {

/// Spellings of an option as a user types them; none for what is given by place.
std::vector<std::string> spellings(const CLI::Option &option) {
  std::vector<std::string> result;
  for (const std::string &name : option.get_lnames())
    result.push_back("--" + name);
  for (const std::string &name : option.get_snames())
    result.push_back("-" + name);
  return result;
}

const CLI::Option *findOption(const CLI::App &command, const std::string &word) {
  for (const CLI::Option *option : command.get_options())
    for (const std::string &name : spellings(*option))
      if (name == word)
        return option;
  return nullptr;
}

bool takesValue(const CLI::Option &option) { return option.get_items_expected_max() > 0; }

void addMatching(std::vector<std::string> &result, const std::string &prefix,
                 const std::string &begin, const std::vector<std::string> &words) {
  for (const std::string &word : words)
    if (word.compare(0, begin.size(), begin) == 0)
      result.push_back(prefix + word);
}

std::vector<std::string> commandNames(const CLI::App &app) {
  std::vector<std::string> names;
  for (const CLI::App *command : app.get_subcommands(nullptr))
    if (!command->get_group().empty())
      names.push_back(command->get_name());
  return names;
}

} // namespace

std::vector<std::string> complete(const CLI::App &app, const Choices &choices,
                                  const std::vector<std::string> &words) {
  std::vector<std::string> result;
  if (words.empty())
    return commandNames(app);
  const std::string &last = words.back();
  const CLI::App *command = nullptr;
  if (words.size() > 1)
    for (const CLI::App *candidate : app.get_subcommands(nullptr))
      if (candidate->get_name() == words.front())
        command = candidate;
  if (words.size() > 1 && !command)
    return result;
  const CLI::App &here = command ? *command : app;

  // The value of an option, after a space or after `=`.
  if (words.size() > 2)
    if (const CLI::Option *option = findOption(here, words[words.size() - 2]))
      if (takesValue(*option)) {
        addMatching(result, "", last, choices.of(option));
        return result;
      }
  if (size_t equals = last.find('='); equals != std::string::npos) {
    if (const CLI::Option *option = findOption(here, last.substr(0, equals)))
      addMatching(result, last.substr(0, equals + 1), last.substr(equals + 1), choices.of(option));
    return result;
  }

  if (!command)
    addMatching(result, "", last, commandNames(app));
  bool isOption = !last.empty() && last[0] == '-';
  for (const CLI::Option *option : here.get_options()) {
    if (isOption)
      addMatching(result, "", last, spellings(*option));
    else if (spellings(*option).empty()) // given by place
      addMatching(result, "", last, choices.of(option));
  }
  return result;
}

} // namespace advx::tools
