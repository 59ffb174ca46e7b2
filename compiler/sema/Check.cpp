//===- Check.cpp - The entry points of sema ---------------------------------------===//

#include "compiler/diagnostics/Visible.h"
#include "compiler/sema/Checker.h"

#include <algorithm>

namespace advx::sema {

namespace {

const syntax::Experiment *choose(const Program &program, std::string_view name,
                                 diag::Engine &engine) {
  const std::vector<syntax::Experiment> &experiments = program.userFile().experiments;
  for (const syntax::Experiment &experiment : experiments)
    if (experiment.name.text == name || (name.empty() && experiments.size() == 1))
      return &experiment;
  if (engine.hasErrors() && experiments.empty())
    return nullptr;
  Span whole{program.userFileIndex(), 0, 0};
  std::string names;
  for (const syntax::Experiment &experiment : experiments)
    names += (names.empty() ? "`" : ", `") + experiment.name.text + "`";
  engine
      .report(diag::Code::WhichExperiment, experiments.empty() ? whole : experiments[0].name.span,
              name.empty() ? (experiments.empty() ? "this file holds no experiment"
                                                  : "this file holds several experiments")
                           : "there is no experiment `" + std::string(name) + "`")
      .label("here")
      .found(names.empty() ? "none" : names)
      .expected("one experiment, or its name")
      .help(experiments.empty() ? "add `experiment NAME { … }`" : "add `--experiment NAME`");
  return nullptr;
}

} // namespace

std::unique_ptr<Experiment> check(const Program &program, std::string_view experimentName,
                                  diag::Engine &engine) {
  const syntax::Experiment *page = choose(program, experimentName, engine);
  if (!page)
    return nullptr;
  unsigned errors = engine.errorCount();
  Checker checker(program, engine, *page);
  std::unique_ptr<Experiment> result = checker.run();
  return engine.errorCount() == errors && errors == 0 ? std::move(result) : nullptr;
}

std::vector<Use> usesOf(const Program &program, std::string_view experimentName,
                        diag::Engine &engine) {
  const syntax::Experiment *page = choose(program, experimentName, engine);
  if (!page)
    return {};
  Checker checker(program, engine, *page);
  checker.run();
  return checker.uses();
}

std::string explainExperiment(const Program &program, std::string_view experimentName,
                              diag::Engine &engine) {
  const syntax::Experiment *page = choose(program, experimentName, engine);
  if (!page)
    return "";
  Checker checker(program, engine, *page);
  if (!checker.run() || engine.hasErrors())
    return "";
  std::vector<Edit> edits = checker.edits();
  std::stable_sort(edits.begin(), edits.end(),
                   [](const Edit &a, const Edit &b) { return a.offset < b.offset; });
  const std::string &text = program.sourceManager().file(page->span.file).text;
  std::string result;
  size_t at = 0;
  for (const Edit &edit : edits) {
    result.append(text, at, edit.offset - at);
    result += edit.text;
    at = edit.offset + edit.length;
  }
  return diag::visible(result.append(text, at, std::string::npos), true);
}

} // namespace advx::sema
