#ifndef ADVX_TOOLS_ADVX_COMPLETE_H
#define ADVX_TOOLS_ADVX_COMPLETE_H

#include <CLI/CLI.hpp>

#include <map>
#include <string>
#include <vector>

namespace advx::tools {

/// Options that take one of a few words. What a shell offers and what the command line accepts
/// come from here alike.
class Choices {
public:
  /// Lets the option take these words and no others.
  void restrict(CLI::Option *option, std::vector<std::string> words);
  /// Offers these words to the shell; the command itself says what it accepts.
  void offer(const CLI::Option *option, std::vector<std::string> words);
  /// None where an option takes any text.
  const std::vector<std::string> &of(const CLI::Option *option) const;

private:
  std::map<const CLI::Option *, std::vector<std::string>> known;
};

/// What may stand in place of the last of `words`, which follow the program's name: commands,
/// options, or the values of an option. Empty where a file or any text is expected.
std::vector<std::string> complete(const CLI::App &app, const Choices &choices,
                                  const std::vector<std::string> &words);

} // namespace advx::tools

#endif // ADVX_TOOLS_ADVX_COMPLETE_H
