#ifndef ADVX_RUNTIME_CLI_HELPFORMAT_H
#define ADVX_RUNTIME_CLI_HELPFORMAT_H

//===- HelpFormat.h - What `--help` looks like ----------------------------===//
//
// For people: what to write behind an option, by a word for files and numbers and by the words
// themselves where there are few. Header only, for `advx` and for the executables that it makes.
//
//===----------------------------------------------------------------------===//

#include <CLI/CLI.hpp>

#include <cctype>
#include <map>
#include <string>

namespace advx {

class HelpFormat : public CLI::Formatter {
public:
  std::string make_option_opts(const CLI::Option *option) const override {
    return option->get_type_size() == 0 || option->get_positional() ? "" : " " + valueOf(*option);
  }

  std::string make_option_desc(const CLI::Option *option) const override {
    std::string text = option->get_description();
    if (option->get_required() && !option->get_positional())
      text += " (required)";
    if (!option->get_default_str().empty())
      text += " [" + option->get_default_str() + "]";
    return text;
  }

  std::string make_option_name(const CLI::Option *option, bool positional) const override {
    const std::string name = CLI::Formatter::make_option_name(option, positional);
    return positional ? upper(name) : name;
  }

private:
  static std::string upper(std::string text) {
    for (char &c : text)
      c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
  }

  /// The words of a set such as `{f32,f64}` or `value in {off->3,on->2} OR {3,2}`, with `|`
  /// between; empty where there is no set.
  static std::string choices(const std::string &type) {
    const size_t open = type.find('{'), close = type.find('}');
    if (open == std::string::npos || close == std::string::npos)
      return "";
    std::string words, word;
    bool inValue = false;
    for (size_t i = open + 1; i <= close; ++i) {
      if (type[i] == ',' || i == close) {
        words += (words.empty() ? "" : "|") + word;
        word.clear();
        inValue = false;
      } else if (type.compare(i, 2, "->") == 0) {
        inValue = true;
      } else if (!inValue) {
        word += type[i];
      }
    }
    return words;
  }

  static std::string valueOf(const CLI::Option &option) {
    const std::string type = option.get_type_name();
    std::string plain = type.substr(0, type.find(':'));
    const std::string words = choices(type);
    if (!words.empty())
      return words;
    if (plain == "INT" || plain == "UINT")
      return "N";
    if (plain == "FLOAT")
      return "X";
    if (plain != "TEXT")
      return plain;
    static const std::map<std::string, const char *> byName = {
        {"data", "DIR"},    {"dump-stages", "DIR"}, {"out", "PATH"},
        {"output", "FILE"}, {"checkpoint", "FILE"}, {"init", "FILE"},
        {"emit", "STAGE"},  {"set", "PATH=VALUE"},  {"perturb", "LEAF:INDEX:DELTA"}};
    const std::string name = option.get_lnames().empty() ? "" : option.get_lnames().front();
    auto known = byName.find(name);
    return known == byName.end() ? "NAME" : known->second;
  }
};

} // namespace advx

#endif // ADVX_RUNTIME_CLI_HELPFORMAT_H
