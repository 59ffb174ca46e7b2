#include "compiler/sema/Checker.h"
#include "compiler/diagnostics/Visible.h"

#include <algorithm>

namespace advx::sema {

Checker::~Checker() {
  for (const LayerPtr &layer : layers) {
    layer->scope.reset();
    layer->members.clear();
    layer->arguments.clear();
  }
}

Checker::Checker(const Program &program, diag::Engine &engine)
    : program(program), engine(engine), experiment(std::make_unique<Experiment>()) {}

//--- Reports ----------------------------------------------------------------

diag::Diagnostic &Checker::report(diag::Code code, Span span, std::string message) {
  diag::Diagnostic &diagnostic = engine.report(code, span, std::move(message));
  std::vector<const std::pair<Span, std::string> *> around; // innermost first
  for (auto it = frames.rbegin(); it != frames.rend(); ++it)
    if (it->first.isValid() && !(it->first.file == span.file && it->first.begin <= span.begin &&
                                 span.end <= it->first.end))
      around.push_back(&*it);
  constexpr size_t shown = 8;
  for (size_t i = 0; i < around.size(); ++i) {
    bool gap = i + 2 == shown && around.size() > shown;
    if (gap)
      i = around.size() - 2;
    diagnostic.note(around[i]->first,
                    around[i]->second + (gap ? " (" + std::to_string(around.size() - shown) +
                                                   " texts in between are not shown)"
                                             : std::string()));
  }
  return diagnostic;
}

void Checker::unsupported(Span span, const std::string &construct, const std::string &instead) {
  report(diag::Code::NotSupportedYet, span, construct + " is not supported yet")
      .label("this construct")
      .found(construct)
      .expected("one of the constructs that this version compiles")
      .help(instead.empty()
                ? "leave it out for now; `advx explain ADVX0701` lists what is supported"
                : instead);
}

//--- Arguments --------------------------------------------------------------

bool Checker::bindArguments(const std::vector<std::string> &params, size_t required,
                            const std::vector<syntax::Arg> &args, size_t skip, Span call,
                            const std::string &callee, Span declared,
                            std::vector<const syntax::Arg *> &bound) {
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
    if (isMisspeltArgument(arg, params, callee)) {
      ok = false;
      continue;
    }
    if (arg.key || arg.given) {
      report(diag::Code::WrongArgument, arg.span,
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
        report(diag::Code::WrongArgument, arg.span,
               "an argument without a name follows one with a name")
            .label("which parameter is this?")
            .expected(list())
            .help("write `name = value`");
        ok = false;
        continue;
      }
      slot = position++;
      if (slot >= params.size()) {
        report(diag::Code::TooManyArguments, arg.span, "too many arguments for `" + callee + "`")
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
            foreignHelp({diag::NamePlace::Parameter}, arg.name.text, params, "");
        report(diag::Code::UnknownParameter, arg.name.span,
               "`" + callee + "` has no parameter `" + arg.name.text + "`")
            .label("unknown parameter")
            .found("`" + arg.name.text + "`")
            .expected(list())
            .help(params.empty() && foreign.empty() ? "remove it"
                  : foreign.empty()                 ? suggest(arg.name.text, params)
                                                    : foreign)
            .note(declared, "`" + callee + "` is declared here");
        ok = false;
        continue;
      }
    }
    if (bound[slot]) {
      report(diag::Code::DuplicateArgument, arg.span, "`" + params[slot] + "` is given twice")
          .label("second value")
          .help("keep one of them")
          .note(bound[slot]->span, "first value");
      ok = false;
      continue;
    }
    bound[slot] = &arg;
  }
  if (ok)
    for (size_t i = 0; i < required; ++i)
      if (!bound[i]) {
        report(diag::Code::MissingArgument, call,
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

bool Checker::declareName(Scope &scope, const syntax::Name &name, Value value) {
  auto it = scope.names.find(name.text);
  value.span = name.span;
  if (it == scope.names.end()) {
    scope.names[name.text] = std::move(value);
    return true;
  }
  report(diag::Code::DuplicateName, name.span, "the name `" + name.text + "` is taken")
      .label("second declaration")
      .help("choose another name")
      .note(it->second.span, "first declared here");
  return false;
}

std::string Checker::source(Span span) const {
  if (!span.isValid())
    return "";
  std::string text(program.sourceManager().text(span));
  // One line: reports and run records show it.
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    bool space = isspace(static_cast<unsigned char>(text[i]));
    if (!space)
      result += text[i];
    else if (!result.empty() && result.back() != ' ')
      result += ' ';
  }
  return diag::visible(result);
}

Local *Checker::local(const std::string &name, Type type, Span span) {
  Local *result = make<Local>();
  result->name = name;
  result->type = std::move(type);
  result->span = span;
  return result;
}

std::string withoutPrimes(const std::string &name) {
  std::string result = name;
  while (!result.empty() && result.back() == '\'')
    result.pop_back();
  return result;
}

} // namespace advx::sema
