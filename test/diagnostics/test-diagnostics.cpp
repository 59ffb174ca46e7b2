//===- test-diagnostics.cpp - Texts, numbers, findings, rendering ---------===//

#include "compiler/diagnostics/Explain.h"
#include "compiler/diagnostics/Render.h"
#include "compiler/diagnostics/Suggest.h"
#include "compiler/source/EditDistance.h"
#include "compiler/source/Rational.h"

#include <iostream>

using namespace advx;

namespace {

unsigned passed = 0, failed = 0;

template <typename A, typename B> void same(const char *what, const A &got, const B &wanted) {
  if (got == wanted) {
    ++passed;
    return;
  }
  ++failed;
  std::cout << what << "\n  got    " << got << "\n  wanted " << wanted << "\n";
}

std::string text(std::optional<Rational> number) { return number ? number->str() : "none"; }

void rationals() {
  same("fraction", text(Rational(8) / Rational(255)), "8/255");
  same("lowest terms", text(Rational::make(6, -4)), "-3/2");
  same("decimal", text(Rational::parse("0.031")), "31/1000");
  same("exponent", text(Rational::parse("2.5e2")), "250");
  same("negative exponent", text(Rational::parse("5e-4")), "1/2000");
  same("trailing zeros", text(Rational::parse("1.00000000000000000000000000")), "1");
  same("zero", text(Rational::parse("0e999")), "0");
  same("too large", text(Rational::parse("1e19")), "none");
  same("too fine", text(Rational::parse("1e-19")), "none");
  same("largest", text(Rational::parse("9223372036854775807")), "9223372036854775807");
  same("above the largest", text(Rational::parse("9223372036854775808")), "none");
  same("no number", text(Rational::parse("x")), "none");
  same("trailing letters", text(Rational::parse("1px")), "none");
  same("sum", text(*Rational::parse("0.1") + *Rational::parse("0.2")), "3/10");
  same("difference", text(Rational(1) - *Rational::parse("0.1")), "9/10");
  same("by zero", text(Rational(1) / Rational(0)), "none");
  same("overflow", text(Rational(INT64_MAX) * Rational(2)), "none");
  same("order", *Rational::parse("0.0313") < *(Rational(8) / Rational(255)), true);
  same("nearest double", (Rational(8) / Rational(255))->toDouble(), 8.0 / 255.0);
  same("nearest double of a decimal", Rational::parse("0.1")->toDouble(), 0.1);
}

void suggestions() {
  same("swap is one edit", editDistance("pdg", "pgd"), size_t{1});
  same("insert", editDistance("steps", "step"), size_t{1});
  same("replace and insert", editDistance("kitten", "sitting"), size_t{3});
  same("empty", editDistance("", "abc"), size_t{3});
  const std::vector<std::string> names = {"ce", "kl", "pgd", "hypersphere"};
  same("near", diag::suggest("pdg", names).value_or("none"), "pgd");
  same("far", diag::suggest("adam", names).value_or("none"), "none");
  same("one edit in three letters", diag::suggest("hyperspere", names).value_or("none"),
       "hypersphere");
  same("a name of one letter means nothing", diag::suggest("x", {"y"}).value_or("none"), "none");
  same("help", diag::didYouMean("pdg", names, "declare it"), "did you mean `pgd`?");
  same("other help", diag::didYouMean("adam", names, "declare it"), "declare it");
}

void places() {
  SourceManager sources;
  const uint32_t file = sources.add("a.advx", "let \xCE\xB5 = 1\r\n\tx\n");
  same("line", sources.lineColumn(file, 0).line, 1u);
  same("a Greek letter is one column", sources.lineColumn(file, 7).column, 7u);
  same("second line", sources.lineColumn(file, 13).line, 2u);
  same("line without its end", std::string(sources.line(file, 1)), "let \xCE\xB5 = 1");
  same("no such line", std::string(sources.line(file, 9)), "");
  same("text", std::string(sources.text({file, 0, 3})), "let");
}

/// A finding with two places in one file and one in another.
void rendering() {
  SourceManager sources;
  const uint32_t page = sources.add("a.advx", "let eps = 3\nlet x = 4\n\n\tby pdg(eps)\n");
  const uint32_t library = sources.add("<stdlib>/pgd.advx", "solver pgd() {}\n");
  diag::Engine engine(sources);
  engine.report(diag::Code::UnexpectedText, {page, 27, 30}, "unknown `pdg`")
      .label("nothing declares this")
      .found("`pdg`")
      .expected("a solver")
      .help("did you mean `pgd`?")
      .note({page, 4, 7}, "the radius")
      .note({library, 7, 10}, "`pgd` is here")
      .note(Span(), "nowhere");
  engine.report(diag::Code::UnexpectedText, {page, 27, 30}, "unknown `pdg`").help("twice");
  same("dropped the same again", engine.errorCount(), 1u);
  same("terminal", diag::render(engine),
       "error[ADVX0101]: unknown `pdg`\n"
       " --> a.advx:4:5\n"
       "  |\n"
       "1 | let eps = 3\n"
       "  |     --- the radius\n"
       " ...\n"
       "4 |     by pdg(eps)\n"
       "  |        ^^^ nothing declares this\n"
       " ::: <stdlib>/pgd.advx:1:8\n"
       "  |\n"
       "1 | solver pgd() {}\n"
       "  |        --- `pgd` is here\n"
       "  |\n"
       "  = found: `pdg`\n"
       "  = expected: a solver\n"
       "  = help: did you mean `pgd`?\n"
       "\n"
       "1 error; `advx explain ADVX0101` says more\n");
  same("json", diag::renderJson(engine),
       "{\"diagnostics\": [\n  {\"code\": \"ADVX0101\", \"severity\": \"error\", \"message\": "
       "\"unknown `pdg`\", \"file\": \"a.advx\", \"line\": 4, \"column\": 5, \"endLine\": 4, "
       "\"endColumn\": 8, \"label\": \"nothing declares this\", \"found\": \"`pdg`\", "
       "\"expected\": \"a solver\", \"help\": \"did you mean `pgd`?\", \"notes\": [{\"file\": "
       "\"a.advx\", \"line\": 1, \"column\": 5, \"endLine\": 1, \"endColumn\": 8, \"label\": \"the "
       "radius\"}, {\"file\": \"<stdlib>/pgd.advx\", \"line\": 1, \"column\": 8, \"endLine\": 1, "
       "\"endColumn\": 11, \"label\": \"`pgd` is here\"}]}\n], \"errors\": 1, \"lints\": 0, "
       "\"allowed\": 0}\n");
  const std::string colored = diag::render(*engine.sorted().front(), sources, true);
  same("colour only on request", colored.find("\x1b[1;31merror") == 0, true);
}

void order() {
  SourceManager sources;
  const uint32_t page = sources.add("a.advx", "a\nb\nc\n");
  diag::Engine engine(sources);
  for (uint32_t i = 25; i-- > 0;)
    engine.report(diag::Code::UnexpectedText, {page, i % 5, i % 5 + 1}, "m" + std::to_string(i));
  same("sorted by place", engine.sorted().front()->primary.begin, 0u);
  const std::string shown = diag::render(engine);
  same("no more than twenty", shown.find("5 more findings not shown") != std::string::npos, true);
  same("counted", shown.find("25 errors; ") != std::string::npos, true);
}

void codes() {
  same("found", diag::findCode("advx0101").has_value(), true);
  same("not found", diag::findCode("ADVX9999").has_value(), false);
  for (const diag::CodeInfo &entry : diag::allCodes()) {
    const std::string head = "# " + std::string(entry.id) + ": " + std::string(entry.title) + "\n";
    same("page of the code is built in", diag::explain(entry.code).substr(0, head.size()), head);
  }
}

/// Lints may be allowed on the next line with code, or at the end of their own.
void allowances() {
  std::optional<diag::Code> lint;
  for (const diag::CodeInfo &entry : diag::allCodes())
    if (entry.severity == diag::Severity::Lint)
      lint = entry.code;
  if (!lint)
    return;
  SourceManager sources;
  const uint32_t page =
      sources.add("a.advx", "// allow\n\n// more\nlet a = 1\nlet b = 2 // allow\nc\n");
  diag::Engine engine(sources);
  engine.allow(*lint, page, 1);
  engine.allow(*lint, page, 5);
  engine.report(*lint, {page, 22, 23}, "next line with code");
  engine.report(*lint, {page, 32, 33}, "own line");
  same("allowed", engine.allowedCount(), 2u);
  engine.report(*lint, {page, 47, 48}, "further down");
  same("others are kept", engine.sorted().size(), size_t(1));
  same("lints are no errors", engine.hasErrors(), false);
}

} // namespace

int main() {
  rationals();
  suggestions();
  places();
  rendering();
  order();
  codes();
  allowances();
  std::cout << passed << " passed, " << failed << " failed\n";
  return failed == 0 ? 0 : 1;
}
