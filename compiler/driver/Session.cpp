//===- Session.cpp - Reading a page, printing what was found ---------------===//

#include "compiler/driver/Session.h"
#include "compiler/diagnostics/Explain.h"
#include "compiler/diagnostics/Render.h"
#include "compiler/diagnostics/Visible.h"
#include "compiler/source/ReadPage.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <unistd.h>

namespace advx::driver {

namespace fs = std::filesystem;

namespace {

diag::Code codeOf(link::LinkError::Kind kind) {
  switch (kind) {
  case link::LinkError::noCompiler:
    return diag::Code::NoLinkerDriver;
  case link::LinkError::noRuntime:
    return diag::Code::NoRuntime;
  case link::LinkError::linkerFailed:
    return diag::Code::LinkerFailed;
  case link::LinkError::cannotWrite:
    return diag::Code::CannotWrite;
  }
  return diag::Code::LinkerFailed; // not reached
}

} // namespace

bool Session::load() {
  std::error_code error;
  PageText page = readPage(request.page);
  if (!page.text) {
    diag::Diagnostic &diagnostic =
        environmentError(diag::Code::UnreadablePage, "cannot read `" + request.page + "`")
            .help("name a file of .advx text");
    if (!page.missing)
      diagnostic.found("it " + page.problem);
    return false;
  }
  if (!fs::is_directory(installation.stdlib, error)) {
    environmentError(diag::Code::NoStandardLibrary,
                     "no standard library at `" + installation.stdlib + "`")
        .help("set ADVX_STDLIB to the folder stdlib of advx");
    return false;
  }
  file = sources.add(request.page, std::move(*page.text));
  program = sema::load(sources, file, {installation.stdlib}, engine);
  return true;
}

diag::Diagnostic &Session::environmentError(diag::Code code, std::string message) {
  environmentFailed = true;
  return engine.report(code, Span(), std::move(message));
}

void Session::linkFailure(const link::LinkError &error) {
  if (!error.output.empty())
    std::cerr << error.output << "\n";
  environmentError(codeOf(error.kind), error.reason).help(error.help);
}

void Session::internalFailure() {
  internallyFailed = true;
  std::cerr << "  help: this is a fault in advx, not in the page; please report it with the page\n";
}

int Session::finish() {
  if (request.json)
    std::cout << diag::renderJson(engine) << "\n";
  else
    std::cerr << diag::render(engine, {diag::wantsColor(STDERR_FILENO)});
  if (internallyFailed)
    return internalError;
  if (environmentFailed)
    return environment;
  return engine.hasErrors() ? pageHasErrors : success;
}

Installation findInstallation(const char *program) {
  std::error_code error;
  fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error)
    self = fs::absolute(program, error);
  fs::path root = self.parent_path().parent_path();
  auto find = [&](const char *variable, std::initializer_list<const char *> places,
                  const char *marker) {
    if (const char *path = std::getenv(variable))
      return std::string(path);
    for (const char *place : places)
      if (fs::exists(root / place / marker, error))
        return (root / place).string();
    return (root / *places.begin()).string();
  };
  return {find("ADVX_STDLIB", {"share/advx/stdlib", "stdlib"}, "losses"),
          find("ADVX_RUNTIME", {"lib/advx", "lib"}, link::kLinkFile)};
}

int check(const PageRequest &request, const Installation &installation) {
  Session session(request, installation);
  if (!session.load())
    return session.finish();
  sema::checkDeclarations(*session.program, session.engine);
  std::vector<std::string> names = sema::experimentNames(*session.program);
  if (!request.experiment.empty())
    names = {request.experiment};
  for (const std::string &name : names)
    sema::check(*session.program, name, session.engine);
  return session.finish();
}

int explainExperiment(const PageRequest &request, const Installation &installation) {
  Session session(request, installation);
  if (!session.load())
    return session.finish();
  std::string text = sema::explainExperiment(*session.program, request.experiment, session.engine);
  int code = session.finish();
  if (code == success)
    std::cout << text;
  return code;
}

std::vector<std::string> diagnosticCodes() {
  std::vector<std::string> codes;
  for (const diag::CodeInfo &entry : diag::allCodes())
    codes.emplace_back(entry.id);
  return codes;
}

int explainCode(const std::string &code) {
  if (code.empty()) {
    for (const diag::CodeInfo &entry : diag::allCodes())
      std::cout << entry.id << "  " << entry.title << "\n";
    return success;
  }
  std::optional<diag::Code> found = diag::findCode(code);
  if (!found) {
    std::cerr << "advx: no code '" << diag::visible(code)
              << "'\n  help: `advx explain` lists all codes\n";
    return usage;
  }
  std::cout << diag::explain(*found);
  return success;
}

} // namespace advx::driver
