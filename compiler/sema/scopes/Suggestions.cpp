//===- Suggestions.cpp - What to say about a name that nothing declares ---===//
//
// A near name of the page or library comes first, then what another library calls
// it (diagnostics/FieldNames.h), then the names that could stand there.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/scopes/Suggestions.h"
#include "compiler/diagnostics/Suggest.h"
#include "compiler/sema/scopes/Findings.h"
#include "compiler/sema/scopes/Program.h"
#include "compiler/sema/scopes/Sheet.h"
#include "compiler/sema/texts/ExprChecker.h"
#include "compiler/sema/types/Primitives.h"

#include <algorithm>

namespace advx::sema {

/// Whether the name is one that the page declares further down, or in this very line.
bool Suggestions::explainOrder(diag::Diagnostic &diagnostic, const std::string &text, Span span) {
  if (!sheet.page || span.file != sheet.page->span.file)
    return false;
  for (const syntax::Item &item : sheet.page->items) {
    const syntax::Name *name = item.name.text == text ? &item.name : nullptr;
    for (const syntax::Name &bound : item.pattern)
      if (bound.text == text)
        name = &bound;
    if (!name || item.span.end < span.begin)
      continue;
    bool itself = item.span.begin <= span.begin;
    diagnostic
        .help(itself ? "a declaration cannot use itself; use another name"
                     : "move the declaration above its first use")
        .note(name->span, "`" + text + "` is declared only here");
    return true;
  }
  return false;
}

using Kind = syntax::Expr::Kind;

using diag::NamePlace;

std::string Suggestions::suggest(const std::string &name,
                                 const std::vector<std::string> &known) const {
  return diag::suggestOrList(name, known);
}

std::vector<std::string> Suggestions::namesIn(const Scope &scope) const {
  std::vector<std::string> result;
  for (const Scope *s = &scope; s; s = s->parent.get())
    for (const auto &[name, value] : s->names)
      result.push_back(name);
  return result;
}

/// Everything that may be called in an expression.
std::vector<std::string> Suggestions::callableNames(const Scope &scope) const {
  std::vector<std::string> known = namesIn(scope);
  auto add = [&](std::vector<std::string> names) {
    std::move(names.begin(), names.end(), std::back_inserter(known));
  };
  for (Decl::Kind kind : {Decl::Kind::Fn, Decl::Kind::Network, Decl::Kind::Set})
    add(program.names(kind, scope.file));
  for (const PrimitiveInfo &primitive : primitives())
    known.push_back(primitive.name);
  known.emplace_back("identity");
  for (const LayerInfo &layer : layerPrimitives())
    known.push_back(layer.name);
  return known;
}

/// The name that a kind of line of the page binds first, or `otherwise`.
std::string Suggestions::boundOnPage(syntax::Item::Kind kind, const std::string &otherwise) const {
  if (sheet.page)
    for (const syntax::Item &item : sheet.page->items)
      if (item.kind == kind)
        return item.pattern.empty() ? item.name.text : item.pattern[0].text;
  return otherwise;
}

/// What the field calls `name` in one of these places, where `known` has our name for it;

/// empty where the table has none.
std::string Suggestions::foreignHelp(std::initializer_list<NamePlace> places,
                                     const std::string &name, const std::vector<std::string> &known,
                                     const std::string &args) const {
  for (NamePlace place : places)
    for (const diag::FieldName *entry : diag::findFieldNames(place, name))
      if (entry->ours.empty() ||
          std::find(known.begin(), known.end(), entry->ours) != known.end()) {
        diag::PageNames names;
        names.head = boundOnPage(syntax::Item::Kind::Head, names.head);
        names.variable = boundOnPage(syntax::Item::Kind::Inner, names.variable);
        names.features = boundOnPage(syntax::Item::Kind::Features, names.features);
        if (!args.empty())
          names.args = args;
        return diag::fieldHelp(*entry, names);
      }
  return "";
}

std::string Suggestions::nameHelp(std::initializer_list<NamePlace> places, const std::string &name,
                                  const std::vector<std::string> &known,
                                  const std::string &args) const {
  std::string foreign = foreignHelp(places, name, known, args);
  return foreign.empty() ? suggest(name, known) : foreign;
}

/// For a line of an evaluation: `pgd20` is `pgd` with 20 steps.
std::string Suggestions::unknownLineHelp(const std::string &name,
                                         const std::vector<std::string> &known) const {
  const size_t digits = name.find_last_not_of("0123456789") + 1;
  std::string stem = name.substr(0, digits);
  while (!stem.empty() && stem.back() == '_')
    stem.pop_back();
  if (digits < name.size())
    for (const Decl *decl :
         program.find(Decl::Kind::Solver, diag::plainName(stem), sheet.page->span.file))
      for (const syntax::Param &param : decl->params)
        if (param.name.text == "steps")
          return "write `" + name + " = " + decl->name.text + "(steps = " + name.substr(digits) +
                 ")`";
  return nameHelp({NamePlace::Line, NamePlace::Solver}, name, known);
}

/// For `nn.Linear(z, 10)` and `linear` where a head is called.
std::string Suggestions::foreignHeadHelp(const syntax::Expr &value) const {
  const syntax::Expr *callee = value.kind == Kind::Call ? value.children[0].get() : &value;
  const std::vector<std::string> known = program.names(Decl::Kind::Head, sheet.page->span.file);
  for (const std::string &name : known)
    if (diag::plainName(name) == diag::plainName(callee->text))
      return "write `head " + boundOnPage(syntax::Item::Kind::Head, "f") + " = " + name + "(" +
             boundOnPage(syntax::Item::Kind::Features, "z") + ")`";
  const std::string help = foreignHelp({NamePlace::Head}, callee->text, known, "");
  return help.empty() ? "as in `head f = linear(z)`" : help;
}

/// Whether this is the first time that the page is told about this unknown name: its other
/// uses are the same mistake.
bool Suggestions::isFirstUnknown(const std::string &name, Span span) {
  return unknownNames.insert({span.file, name}).second;
}

/// Reports a name in an expression that nothing declares.
void Suggestions::unknownName(const syntax::Expr &expr, Env &env) {
  const std::string &text = expr.text;
  if (!isFirstUnknown(text, expr.span))
    return;
  diag::Diagnostic &diagnostic =
      findings.report(diag::Code::UnknownName, expr.span, "unknown name `" + text + "`")
          .label("nothing declares this")
          .found("`" + text + "`")
          .expected("a name declared above this line");
  // `x'` is the usual name of what an adversary binds; this page may use another.
  const std::string bound = boundOnPage(syntax::Item::Kind::Inner, "");
  const std::string usual = (sheet.experiment->x ? sheet.experiment->x->name : "x") + "'";
  if (text == usual && !bound.empty() && env.scope->find(bound)) {
    diagnostic.help("`inner` binds `" + bound + "` on this page: write `" + bound +
                    "`, or `inner " + usual + " = …`");
    return;
  }
  if (explainOrder(diagnostic, text, expr.span))
    return;
  const std::vector<std::string> known = namesIn(*env.scope);
  std::string help = foreignHelp({NamePlace::Value}, text, known, "");
  if (help.empty() && !diag::suggest(text, known))
    help = foreignHelp({NamePlace::Function, NamePlace::Schedule}, text, callableNames(*env.scope),
                       "");
  if (help.empty()) {
    help = suggest(text, known);
    if (help.compare(0, 3, "did") != 0 && env.scope->file == program.userFileIndex())
      help = "declare it above, as in `let " + text + " = …`; " + help;
  }
  diagnostic.help(help);
}

/// Reports a call of a name that nothing declares.
void Suggestions::unknownFunction(const syntax::Expr &call, const std::string &name, Span span,
                                  Env &env) {
  if (isFirstUnknown(name, span)) {
    diag::Diagnostic &diagnostic =
        findings.report(diag::Code::UnknownName, span, "unknown function `" + name + "`")
            .label("nothing declares this")
            .found("`" + name + "`")
            .expected("a function, a network or a set");
    std::string args;
    for (const syntax::Arg &arg : call.args)
      args += (args.empty() ? "" : ", ") + findings.source(arg.span);
    if (!explainOrder(diagnostic, name, span))
      diagnostic.help(nameHelp({NamePlace::Function, NamePlace::Network, NamePlace::Schedule}, name,
                               callableNames(*env.scope), args));
  }
  // Its arguments may hold errors of their own.
  for (const syntax::Arg &arg : call.args)
    if (arg.value)
      exprChecker.check(*arg.value, env);
}

/// `steps == 10` and `steps: 10` where an argument by name is meant; both are said here.
bool Suggestions::isMisspeltArgument(const syntax::Arg &arg, const std::vector<std::string> &params,
                                     const std::string &callee) {
  const bool pair = arg.key && arg.key->kind == Kind::Name;
  const bool equation = arg.name.empty() && !arg.key && arg.value->kind == Kind::Binary &&
                        arg.value->text == "==" && arg.value->children[0]->kind == Kind::Name;
  if (!pair && !equation)
    return false;
  const syntax::Expr &name = pair ? *arg.key : *arg.value->children[0];
  const syntax::Expr &value = pair ? *arg.value : *arg.value->children[1];
  if (std::find(params.begin(), params.end(), name.text) == params.end())
    return false;
  const std::string sign = pair ? "`:`" : "`==`";
  findings
      .report(diag::Code::ForeignSpelling, arg.span,
              "the parameter `" + name.text + "` of `" + callee + "` is given its value with `=`")
      .label("not .advx")
      .found(sign)
      .expected("`=`")
      .help("write `" + name.text + " = " + findings.source(value.span) + "`");
  unknownNames.insert({name.span.file, name.text});
  return true;
}

void Suggestions::unknownMode(const std::string &name, Span span) {
  findings.report(diag::Code::UnknownMode, span, "unknown mode `" + name + "`")
      .label("not a mode")
      .found("`" + name + "`")
      .expected("`eval`, `batch` or `train`")
      .help(nameHelp({NamePlace::Mode}, name, {"eval", "batch", "train"}));
}

void Suggestions::unknownSolver(const syntax::Expr &solver, uint32_t file) {
  findings.report(diag::Code::UnknownName, solver.span, "unknown solver `" + solver.text + "`")
      .label("nothing declares this")
      .found("`" + solver.text + "`")
      .expected("a solver")
      .help(nameHelp({NamePlace::Solver}, solver.text, program.names(Decl::Kind::Solver, file)));
}

} // namespace advx::sema
