//===- Functions.cpp - The functions of the checked experiment -----------===//

#include "compiler/sema/texts/Functions.h"
#include "compiler/sema/experiment/SettingTable.h"
#include "compiler/sema/scopes/Sheet.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

namespace advx::sema {

std::string Functions::freeSymbol(const std::string &name) {
  unsigned count = symbols[name]++;
  // The leaves of a model have names that begin with its own.
  if (count == 0 && models.count(name.substr(0, name.find('.'))))
    count = symbols[name]++;
  return count ? name + "." + std::to_string(count) : name;
}

Function *Functions::newFunction(const std::string &name, Span span) {
  Function *function = sheet.make<Function>();
  function->name = name;
  function->symbol = freeSymbol(name);
  function->span = span;
  return function;
}

ExprPtr Functions::callFunction(const Function *function, std::vector<ExprPtr> args, Span span) {
  if (!function || !function->body.value)
    return nullptr;
  for (size_t i = 0; i < args.size() && i < function->params.size(); ++i) {
    auto asked = settingTable.parameterRanges.find(function->params[i]);
    if (asked == settingTable.parameterRanges.end())
      continue;
    const SettingTable::ParameterRange asks = asked->second;
    args[i] = settingTable.bounded(
        args[i], asks.range, asks.code, asks.what,
        settingTable.freePath(function->symbol, "call", function->params[i]->name),
        args[i] && args[i]->span.isValid() ? args[i]->span : span);
    if (!args[i])
      return nullptr;
  }
  auto call = std::make_shared<Expr>();
  call->kind = Expr::Kind::Call;
  call->function = function;
  call->name = function->name;
  call->type = function->body.value->type;
  call->args = std::move(args);
  call->span = span;
  return call;
}

std::string Functions::wholeKey(const ExprPtr &number) const {
  std::string key = "=";
  std::unordered_map<const Expr *, size_t> seen;
  std::function<void(const Expr &)> add = [&](const Expr &expr) {
    auto [known, isNew] = seen.try_emplace(&expr, seen.size());
    if (!isNew) {
      key += "@" + std::to_string(known->second) + " ";
      return;
    }
    key += std::to_string(static_cast<int>(expr.kind)) + expr.value.str() + expr.name + "(";
    for (const auto &[name, values] : expr.ints)
      for (int64_t value : values)
        key += std::to_string(value) + " ";
    for (const ExprPtr &arg : expr.args)
      add(*arg);
    key += ")";
  };
  if (number->kind == Expr::Kind::Number)
    key += number->value.str();
  else
    add(*number);
  return key;
}

} // namespace advx::sema
