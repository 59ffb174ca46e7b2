//===- OptimizerGroups.cpp - Numbers for groups of weights: `only` --------------===//
//
// An optimiser is one text for all weights; `only` gives some of them other numbers. The
// text reads its numbers by name, so that of a group differs in what the names stand for.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/adversaries/OptimizerChecker.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/texts/ParamRanges.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace advx::sema {

using Kind = syntax::Expr::Kind;

namespace {

/// Whether the name is the pattern, where `*` is any text.
bool fitsPattern(const std::string &name, const std::string &pattern, size_t at = 0,
                 size_t from = 0) {
  if (from == pattern.size())
    return at == name.size();
  if (pattern[from] != '*')
    return at < name.size() && name[at] == pattern[from] &&
           fitsPattern(name, pattern, at + 1, from + 1);
  for (size_t next = at; next <= name.size(); ++next)
    if (fitsPattern(name, pattern, next, from + 1))
      return true;
  return false;
}

/// `outer.only.norms.f` of `norms(f)`, `outer.only.z.conv1` of `"z.conv1.*"`.
std::string pathOf(const std::string &key) {
  std::string path = "outer.only.";
  for (char c : key)
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_')
      path += c;
    else if ((c == '(' || c == '.') && path.back() != '.')
      path += '.';
  while (path.back() == '.')
    path.pop_back();
  return path;
}

} // namespace

std::vector<const Leaf *> OptimizerChecker::leavesOf(const syntax::Expr &key) {
  std::vector<const Leaf *> leaves;
  auto add = [&](const Leaf *leaf) {
    if (!leaf->isBuffer && leaf->trainable)
      leaves.push_back(leaf);
  };
  if (key.kind == Kind::String) {
    for (const Leaf *leaf : sheet.experiment->leaves)
      if (fitsPattern(leaf->name, key.text))
        add(leaf);
  } else {
    PageEnv env(sheet.pageScope);
    Value weights = exprChecker.check(key, env);
    if (weights.isError())
      return {};
    if (!weights.isWeights()) {
      findings.report(diag::Code::WrongType, key.span, "`only` names weights")
          .label(weights.str())
          .found(weights.str())
          .expected("weights, as in `norms(f)`, or names of them, as in `\"z.conv1.*\"`")
          .help("as in `only = { norms(f): { weight_decay = 0 } }`");
      return {};
    }
    for (const Leaf *leaf : weights.group->leaves)
      add(leaf);
  }
  if (leaves.empty()) {
    diag::Diagnostic &diagnostic =
        findings.report(diag::Code::WrongArgument, key.span, "this group has no weight to train")
            .label("matches nothing that training changes")
            .found("`" + findings.source(key.span) + "`")
            .expected("weights of a model that is not `frozen`");
    diagnostic.help(sheet.experiment->leaves.empty()
                        ? "name another group"
                        : "names are as in `" + sheet.experiment->leaves.front()->name + "`");
  }
  return leaves;
}

bool OptimizerChecker::readNumbers(const syntax::Expr &numbers, const std::string &role,
                                   const Bound &bound, std::vector<Stmt> &lets) {
  const std::string &name = bound.decl.name.text;
  if (numbers.kind != Kind::Map || numbers.args.empty()) {
    findings.report(diag::Code::WrongType, numbers.span, "a group of weights has numbers")
        .label("here")
        .found("`" + findings.source(numbers.span) + "`")
        .expected("`{ parameter = value }`")
        .help("as in `{ weight_decay = 0 }`");
    return false;
  }
  std::vector<std::string> names;
  for (const Stmt &let : lets)
    names.push_back(let.local->name);
  std::map<std::string, Span> seen;
  for (const syntax::Arg &entry : numbers.args) {
    const std::string key = entry.key->kind == Kind::Name ? entry.key->text : "";
    auto let = std::find_if(lets.begin(), lets.end(),
                            [&](const Stmt &stmt) { return stmt.local->name == key; });
    auto param = std::find_if(bound.decl.params.begin(), bound.decl.params.end(),
                              [&](const syntax::Param &param) { return param.name.text == key; });
    if (param == bound.decl.params.end()) {
      findings
          .report(diag::Code::UnknownParameter, entry.key->span,
                  "`" + name + "` has no parameter `" + findings.source(entry.key->span) + "`")
          .label("unknown parameter")
          .found("`" + findings.source(entry.key->span) + "`")
          .expected("a parameter of `" + name + "`")
          .help(suggestions.suggest(key, names))
          .note(bound.decl.name.span, "`" + name + "` is declared here");
      return false;
    }
    if (let == lets.end()) {
      findings
          .report(diag::Code::WrongArgument, entry.key->span,
                  "`" + key + "` is off for all other weights")
          .label("given to one group")
          .found("`" + findings.source(entry.span) + "`")
          .expected("a number for all weights, which a group may change")
          .help("add `" + key + " = …` to the call of `" + name + "` too")
          .note(param->span, "declared here");
      return false;
    }
    if (auto [first, isNew] = seen.try_emplace(key, entry.span); !isNew) {
      findings.givenTwice(entry.span, key, first->second);
      return false;
    }
    Env env = bound.env;
    env.role = role + "." + key;
    BoundArgument argument{*param, &entry, entry.value.get(), entry.value->span,
                           exprChecker.check(*entry.value, env)};
    if (argument.value.isError())
      return false;
    Scope scratch(bound.scope);
    std::string expected;
    if (!argument.value.isNumber() ||
        !typeRules.fits(param->type, argument.value, scratch, expected)) {
      typeRules.misfit(entry.value->span, *param, name, argument.value,
                       expected.empty() ? "a number" : expected);
      return false;
    }
    settingTable.adopt(argument, role + "." + key, elementOf(*param), bound.call);
    if (argument.value.isError() ||
        !ParamRanges(*this, exprChecker).hold(*param, name, argument.value, argument.place))
      return false;
    let->value = argument.value.expr;
    let->span = entry.span;
  }
  return true;
}

bool OptimizerChecker::readGroups(const syntax::Arg &only, const Bound &bound, const Optimizer &all,
                                  std::vector<Optimizer> &groups) {
  if (only.value->kind != Kind::Map || only.value->args.empty()) {
    findings.report(diag::Code::WrongType, only.span, "`only` gives numbers to groups of weights")
        .label("here")
        .found("`" + findings.source(only.value->span) + "`")
        .expected("`{ group: { parameter = value } }`")
        .help("as in `only = { norms(f): { weight_decay = 0 } }`");
    return false;
  }
  std::map<const Leaf *, Span> taken;
  for (const syntax::Arg &entry : only.value->args) {
    std::vector<const Leaf *> leaves = leavesOf(*entry.key);
    if (leaves.empty())
      return false;
    for (const Leaf *leaf : leaves)
      if (auto [first, isNew] = taken.try_emplace(leaf, entry.key->span); !isNew) {
        findings.report(diag::Code::WrongArgument, entry.key->span, "two groups overlap")
            .label("holds `" + leaf->name + "` too")
            .found("`" + findings.source(first->second) + "` and `" +
                   findings.source(entry.key->span) + "`")
            .expected("groups without a weight in common")
            .help("name smaller groups")
            .note(first->second, "the first");
        return false;
      }
    std::vector<Stmt> lets = bound.lets;
    if (!readNumbers(*entry.value, pathOf(findings.source(entry.key->span)), bound, lets))
      return false;
    Optimizer group = all; // whose body begins with its numbers
    std::copy(lets.begin(), lets.end(), group.body.begin());
    group.leaves = std::move(leaves);
    groups.push_back(std::move(group));
  }
  return true;
}

} // namespace advx::sema
