#ifndef ADVX_SEMA_TEXTS_FUNCTIONS_H
#define ADVX_SEMA_TEXTS_FUNCTIONS_H

#include "compiler/sema/scopes/Values.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace advx::sema {

class SettingTable;
class Sheet;

/// Texts that have become functions of the checked experiment, each once for the types of its use.
class Functions {
public:
  Functions(Sheet &sheet, SettingTable &settingTable) : sheet(sheet), settingTable(settingTable) {}

  Function *newFunction(const std::string &name, Span span);
  /// `name`, or that with a number where something of the page has the name.
  std::string freeSymbol(const std::string &name);
  ExprPtr callFunction(const Function *function, std::vector<ExprPtr> args, Span span);
  /// Tells whole numbers apart that a text may take as they stand: equal keys are one number in
  /// every run.
  std::string wholeKey(const ExprPtr &number) const;
  /// By text and types; null where the text has a mistake.
  std::map<std::string, const Function *> instances;
  std::map<std::string, unsigned> symbols; ///< Names of functions, with how many there are.
  std::set<std::string> models; ///< Names of features and heads, which begin those of leaves.

private:
  Sheet &sheet;
  SettingTable &settingTable;
};

} // namespace advx::sema

#endif
