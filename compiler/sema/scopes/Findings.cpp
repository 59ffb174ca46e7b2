#include "compiler/sema/scopes/Findings.h"
#include "compiler/diagnostics/Visible.h"
#include "compiler/sema/scopes/Program.h"

#include <algorithm>

namespace advx::sema {

diag::Diagnostic &Findings::report(diag::Code code, Span span, std::string message) {
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

void Findings::unsupported(Span span, const std::string &construct, const std::string &instead) {
  report(diag::Code::NotSupportedYet, span, construct + " is not supported yet")
      .label("this construct")
      .found(construct)
      .expected("one of the constructs that this version compiles")
      .help(instead.empty()
                ? "leave it out for now; `advx explain ADVX0701` lists what is supported"
                : instead);
}

void Findings::givenTwice(Span second, const std::string &name, Span first) {
  report(diag::Code::DuplicateArgument, second, "`" + name + "` is given twice")
      .label("second value")
      .help("keep one of them")
      .note(first, "first value");
}

void Findings::notACondition(Span condition, const std::string &type) {
  report(diag::Code::WrongType, condition, "a condition must be true or false")
      .label(type)
      .found(type)
      .expected("`bool`")
      .help("compare it with something, as in `a < b`");
}

std::string Findings::source(Span span) const {
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

} // namespace advx::sema
