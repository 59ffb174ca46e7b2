//===- advx_check.cpp - Sema alone, for its tests ----------------------------===//
//
//   advx-check FILE [--experiment NAME] [--stdlib DIR] [--dump | --explain]
//
// Prints findings in the order of the text as
//   FILE:LINE:COLUMN: CODE message
// with what was found, what was expected, the next step and second places below.
// Exits with 1 where there are errors.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/Sema.h"

#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

using namespace advx;

namespace {

std::string place(const SourceManager &sources, Span span) {
  if (!span.isValid())
    return "?";
  LineColumn at = sources.lineColumn(span.file, span.begin);
  std::string path = sources.file(span.file).path;
  // Goldens do not depend on where the tests lie.
  if (size_t slash = path.find_last_of('/'); slash != std::string::npos && path[0] != '<')
    path = path.substr(slash + 1);
  return path + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

void render(const SourceManager &sources, const diag::Diagnostic &d) {
  std::cout << place(sources, d.primary) << ": " << diag::info(d.code).id << " "
            << (d.severity == diag::Severity::Lint ? "lint: " : "error: ") << d.message << "\n";
  if (d.primary.isValid()) {
    LineColumn at = sources.lineColumn(d.primary.file, d.primary.begin);
    LineColumn end = sources.lineColumn(d.primary.file, d.primary.end);
    uint32_t width = end.line == at.line && end.column > at.column ? end.column - at.column : 1;
    std::cout << "  | " << sources.line(d.primary.file, at.line) << "\n  | "
              << std::string(at.column - 1, ' ') << std::string(width, '^');
    if (!d.primaryLabel.empty())
      std::cout << " " << d.primaryLabel;
    std::cout << "\n";
  }
  if (!d.foundText.empty())
    std::cout << "  found:    " << d.foundText << "\n";
  if (!d.expectedText.empty())
    std::cout << "  expected: " << d.expectedText << "\n";
  if (!d.helpText.empty())
    std::cout << "  help:     " << d.helpText << "\n";
  for (const diag::Secondary &s : d.secondary)
    std::cout << "  note:     " << place(sources, s.span) << ": " << s.label << "\n";
}

} // namespace

int main(int argc, char **argv) {
  std::string path, experiment, stdlib;
  bool dump = false, explain = false, all = false;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--dump"))
      dump = true;
    else if (!std::strcmp(argv[i], "--explain"))
      explain = true;
    else if (!std::strcmp(argv[i], "--all"))
      all = true;
    else if (!std::strcmp(argv[i], "--experiment") && i + 1 < argc)
      experiment = argv[++i];
    else if (!std::strcmp(argv[i], "--stdlib") && i + 1 < argc)
      stdlib = argv[++i];
    else
      path = argv[i];
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::cerr << "advx-check: cannot read '" << path << "'\n";
    return 2;
  }
  std::ostringstream text;
  text << in.rdbuf();
  SourceManager sources;
  diag::Engine engine(sources);
  uint32_t file = sources.add(path, text.str());
  std::shared_ptr<sema::Program> program = sema::load(sources, file, {stdlib}, engine);
  std::string output;
  if (explain) {
    output = sema::explainExperiment(*program, experiment, engine);
  } else {
    std::vector<std::string> names = {experiment};
    if (all || experiment.empty())
      if (std::vector<std::string> known = sema::experimentNames(*program); !known.empty())
        names = known;
    for (const std::string &name : names)
      if (std::unique_ptr<sema::Experiment> checked = sema::check(*program, name, engine);
          checked && dump)
        output += sema::dump(*checked);
    sema::checkDeclarations(*program, engine);
  }
  for (const diag::Diagnostic *diagnostic : engine.sorted())
    render(sources, *diagnostic);
  std::cout << output;
  return engine.hasErrors() ? 1 : 0;
}
