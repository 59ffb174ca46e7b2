//===- advx_check.cpp - Sema alone, for its tests ----------------------------===//
//
//   advx-check --stdlib DIR [--experiment NAME] [--dump | --explain | --json] FILE
//   advx-check --field-names
//
// The second prints what other libraries call the names of the language: place, their names,
// our name, the form to write, the help, with tabs between.
//
// Prints the findings as `advx check` does, then, where there are no errors, the
// checked experiment (--dump) or the page with its defaults (--explain). Paths in
// findings are relative to the file's folder. Exits with 1 where there are errors.
//
//===----------------------------------------------------------------------===//

#include "compiler/diagnostics/FieldNames.h"
#include "compiler/diagnostics/Render.h"
#include "compiler/sema/Sema.h"
#include "compiler/sema/types/Primitives.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

using namespace advx;

namespace {

int printFieldNames() {
  for (const diag::FieldName &entry : diag::fieldNames())
    std::cout << static_cast<int>(entry.place) << "\t" << entry.theirs << "\t" << entry.ours << "\t"
              << diag::fieldForm(entry) << "\t" << diag::fieldHelp(entry) << "\n";
  return 0;
}

int printPrimitives() {
  for (const sema::PrimitiveInfo &primitive : sema::primitives()) {
    std::cout << primitive.name << "\t" << primitive.meaning;
    for (const std::string &param : primitive.params)
      std::cout << "\t" << param;
    std::cout << "\n";
  }
  return 0;
}

/// `NAME line:column -> FILE:line:column`, for the names in the user's file.
std::string printUses(const std::vector<sema::Use> &uses, const SourceManager &sources,
                      uint32_t file) {
  auto place = [&](Span span) {
    LineColumn at = sources.lineColumn(span.file, span.begin);
    return std::to_string(at.line) + ":" + std::to_string(at.column);
  };
  std::string text;
  for (const sema::Use &use : uses)
    if (use.use.file == file)
      text += std::string(sources.text(use.use)) + " " + place(use.use) + " -> " +
              sources.file(use.declaration.file).path + ":" + place(use.declaration) + "\n";
  return text;
}

} // namespace

int main(int argc, char **argv) {
  std::string path, experiment, stdlib;
  bool dump = false, explain = false, json = false, uses = false;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--dump"))
      dump = true;
    else if (!std::strcmp(argv[i], "--explain"))
      explain = true;
    else if (!std::strcmp(argv[i], "--uses"))
      uses = true;
    else if (!std::strcmp(argv[i], "--json"))
      json = true;
    else if (!std::strcmp(argv[i], "--field-names"))
      return printFieldNames();
    else if (!std::strcmp(argv[i], "--primitives"))
      return printPrimitives();
    else if (!std::strcmp(argv[i], "--experiment") && i + 1 < argc)
      experiment = argv[++i];
    else if (!std::strcmp(argv[i], "--stdlib") && i + 1 < argc)
      stdlib = argv[++i];
    else
      path = argv[i];
  }
  // Findings in goldens do not depend on where the repository lies.
  std::filesystem::path full = std::filesystem::absolute(path);
  stdlib = std::filesystem::absolute(stdlib).lexically_normal().string();
  std::error_code ignored;
  std::filesystem::current_path(full.parent_path(), ignored);
  path = full.filename().string();
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
  } else if (uses) {
    output = printUses(sema::usesOf(*program, experiment, engine), sources, file);
  } else {
    std::vector<std::string> names = {experiment};
    if (experiment.empty())
      names = sema::experimentNames(*program);
    for (const std::string &name : names)
      if (std::unique_ptr<sema::Experiment> checked = sema::check(*program, name, engine);
          checked && dump)
        output += sema::dump(*checked);
    sema::checkDeclarations(*program, engine);
  }
  std::cout << (json ? diag::renderJson(engine) : diag::render(engine)) << output;
  return engine.hasErrors() ? 1 : 0;
}
