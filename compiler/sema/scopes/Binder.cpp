//===- Binder.cpp - Arguments to parameters, names to scopes -------------===//

#include "compiler/sema/scopes/Binder.h"
#include "compiler/diagnostics/Visible.h"
#include "compiler/sema/scopes/Findings.h"
#include "compiler/sema/scopes/Suggestions.h"

#include <algorithm>

namespace advx::sema {

bool Binder::bindArguments(const std::vector<std::string> &params, size_t required,
                           const std::vector<syntax::Arg> &args, size_t skip, Span call,
                           const std::string &callee, Span declared,
                           std::vector<const syntax::Arg *> &bound, const std::string &except) {
  bound.assign(params.size(), nullptr);
  bool ok = true, named = false;
  size_t position = 0;
  auto list = [&] {
    if (params.empty())
      return std::string("no parameters");
    std::string text = "parameters ";
    for (size_t i = 0; i < params.size(); ++i)
      text += (i ? ", `" : "`") + params[i] + "`";
    return text;
  };
  for (size_t i = skip; i < args.size(); ++i) {
    const syntax::Arg &arg = args[i];
    if (!except.empty() && arg.name.text == except)
      continue;
    if (suggestions.isMisspeltArgument(arg, params, callee)) {
      ok = false;
      continue;
    }
    if (arg.key || arg.given) {
      findings
          .report(diag::Code::WrongArgument, arg.span,
                  arg.key ? "`:` has no meaning in this call" : "`|` has no meaning in this call")
          .label(arg.key ? "a pair" : "a given label")
          .expected(arg.key ? "a value or `name = value`"
                            : "an application of a head, as in `f(x | y)`")
          .help("write the value alone");
      ok = false;
      continue;
    }
    size_t slot;
    if (arg.name.empty()) {
      if (named) {
        findings
            .report(diag::Code::WrongArgument, arg.span,
                    "an argument without a name follows one with a name")
            .label("which parameter is this?")
            .expected(list())
            .help("write `name = value`");
        ok = false;
        continue;
      }
      slot = position++;
      if (slot >= params.size()) {
        findings
            .report(diag::Code::TooManyArguments, arg.span,
                    "too many arguments for `" + callee + "`")
            .label("one too many")
            .found(std::to_string(args.size() - skip) + " arguments")
            .expected(list())
            .help("remove it")
            .note(declared, "`" + callee + "` is declared here");
        ok = false;
        break;
      }
    } else {
      named = true;
      slot = std::find(params.begin(), params.end(), arg.name.text) - params.begin();
      if (slot == params.size()) {
        const std::string foreign =
            suggestions.foreignHelp({diag::NamePlace::Parameter}, arg.name.text, params, "");
        findings
            .report(diag::Code::UnknownParameter, arg.name.span,
                    "`" + callee + "` has no parameter `" + arg.name.text + "`")
            .label("unknown parameter")
            .found("`" + arg.name.text + "`")
            .expected(list())
            .help(params.empty() && foreign.empty() ? "remove it"
                  : foreign.empty()                 ? suggestions.suggest(arg.name.text, params)
                                                    : foreign)
            .note(declared, "`" + callee + "` is declared here");
        ok = false;
        continue;
      }
    }
    if (bound[slot]) {
      findings.givenTwice(arg.span, params[slot], bound[slot]->span);
      ok = false;
      continue;
    }
    bound[slot] = &arg;
  }
  if (ok)
    for (size_t i = 0; i < required; ++i)
      if (!bound[i]) {
        findings
            .report(diag::Code::MissingArgument, call,
                    "`" + callee + "` needs a value for `" + params[i] + "`")
            .label("missing argument")
            .found(std::to_string(args.size() - skip) +
                   (args.size() - skip == 1 ? " argument" : " arguments"))
            .expected(list())
            .help("add `" + params[i] + " = …`")
            .note(declared, "`" + callee + "` is declared here");
        ok = false;
      }
  return ok;
}

bool Binder::declareName(Scope &scope, const syntax::Name &name, Value value) {
  if (!isFree(scope, name))
    return false;
  value.span = name.span;
  scope.names[name.text] = std::move(value);
  return true;
}

bool Binder::isFree(const Scope &scope, const syntax::Name &name) {
  auto it = scope.names.find(name.text);
  if (it == scope.names.end())
    return true;
  findings.report(diag::Code::DuplicateName, name.span, "the name `" + name.text + "` is taken")
      .label("second declaration")
      .help("choose another name")
      .note(it->second.span, "first declared here");
  return false;
}

} // namespace advx::sema
