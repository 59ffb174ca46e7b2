#include "compiler/sema/scopes/Program.h"
#include "compiler/diagnostics/FieldNames.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/source/ReadPage.h"
#include "compiler/syntax/DeclWords.h"
#include "compiler/syntax/Parser.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace fs = std::filesystem;

namespace advx::sema {

namespace {

/// For an import that finds nothing; `torch/nn.advx` is `import torch.nn`.
std::string importHelp(const std::string &path) {
  const std::string first = path.substr(0, path.find_first_of("/."));
  for (const diag::FieldName *entry : diag::findFieldNames(diag::NamePlace::Import, first))
    return diag::fieldHelp(*entry);
  return "check the spelling; paths are relative to the importing file, and the library is in "
         "scope unasked";
}

bool isFile(const std::string &path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// Functions may share a name where the kinds of their first parameters differ, solvers where they
/// are for different sets.
bool areOverloads(const syntax::Decl &a, const syntax::Decl &b) {
  if (a.kind == syntax::Decl::Kind::Solver)
    return !a.sets.empty() && !b.sets.empty() &&
           std::none_of(a.sets.begin(), a.sets.end(), [&](const syntax::Name &set) {
             return std::any_of(b.sets.begin(), b.sets.end(),
                                [&](const syntax::Name &other) { return other.text == set.text; });
           });
  return a.kind == syntax::Decl::Kind::Fn && !a.params.empty() && !b.params.empty() &&
         a.params[0].type.name.text != b.params[0].type.name.text;
}

std::string canonical(const std::string &path) {
  std::error_code error;
  fs::path result = fs::weakly_canonical(path, error);
  return error ? path : result.string();
}

} // namespace

void Program::parse(uint32_t file) const {
  if (!parsed.count(file))
    parsed[file] = std::make_unique<syntax::File>(syntax::parse(sources, file, engine));
}

uint32_t Program::fileOf(const std::string &path, std::string &problem) const {
  std::string key = canonical(path);
  auto known = opened.find(key);
  if (known != opened.end())
    return known->second;
  PageText page = readPage(path);
  if (!page.text) {
    problem = page.missing ? "no file `" + path + "`" : "`" + path + "` " + page.problem;
    return UINT32_MAX;
  }
  std::string shown = path;
  if (!stdlibDir.empty() && shown.compare(0, stdlibDir.size(), stdlibDir) == 0)
    shown = "<stdlib>" + shown.substr(stdlibDir.size());
  uint32_t index = sources.add(shown, std::move(*page.text));
  opened[key] = index;
  return index;
}

const syntax::File *Program::stdlibFile(const std::string &path) const {
  std::string problem;
  uint32_t index = fileOf(path, problem);
  if (index == UINT32_MAX)
    return nullptr;
  parse(index);
  return parsed.at(index).get();
}

void Program::indexStdlib(const std::string &folder) {
  std::error_code error;
  std::vector<std::string> paths;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error))
    if (it->path().extension() == ".advx")
      paths.push_back(it->path().string());
  std::sort(paths.begin(), paths.end());
  for (const std::string &path : paths) {
    std::optional<std::string> text = readPage(path).text;
    if (!text)
      continue;
    std::string line;
    std::istringstream lines(*text);
    while (std::getline(lines, line))
      for (size_t kind = 0; kind < std::size(syntax::kindNames); ++kind) {
        std::string start = std::string(syntax::kindNames[kind]) + " ";
        if (line.compare(0, start.size(), start) != 0)
          continue;
        size_t begin = start.size(), end = begin;
        while (end < line.size() && (isalnum(static_cast<unsigned char>(line[end])) ||
                                     line[end] == '_' || line[end] == '\''))
          ++end;
        stdlib.push_back({static_cast<Kind>(kind), line.substr(begin, end - begin), path});
      }
  }
}

void Program::checkDuplicates(const syntax::File &file) const {
  std::map<std::pair<Kind, std::string>, std::vector<const syntax::Decl *>> seen;
  for (const syntax::Decl &decl : file.decls) {
    if (decl.kind == Kind::Import)
      continue;
    std::vector<const syntax::Decl *> &before = seen[{decl.kind, decl.name.text}];
    auto first = std::find_if(before.begin(), before.end(), [&](const syntax::Decl *other) {
      return !areOverloads(*other, decl);
    });
    if (first != before.end())
      engine
          .report(diag::Code::DuplicateName, decl.name.span,
                  "the " + std::string(kindName(decl.kind)) + " `" + decl.name.text +
                      "` is declared twice")
          .label("second declaration")
          .help(decl.kind == Kind::Solver
                    ? "give one of them another name, or each its sets: `maximize J over B : linf "
                      "from x`"
                    : "give one of them another name")
          .note((*first)->name.span, "first declared here");
    before.push_back(&decl);
  }
  std::map<std::string, Span> experiments;
  for (const syntax::Experiment &experiment : file.experiments) {
    auto [it, isNew] = experiments.emplace(experiment.name.text, experiment.name.span);
    if (!isNew)
      engine
          .report(diag::Code::DuplicateName, experiment.name.span,
                  "the experiment `" + experiment.name.text + "` is declared twice")
          .label("second declaration")
          .help("give one of them another name")
          .note(it->second, "first declared here");
  }
}

void Program::addImport(uint32_t file, uint32_t target, const std::set<std::string> &only,
                        Span span) {
  // Which of two texts is meant would depend on the order of the imports; but what the
  // file itself declares comes before both.
  auto isShadowed = [&](const syntax::Decl &decl) {
    const std::vector<syntax::Decl> &own = parsed.at(file)->decls;
    return std::any_of(own.begin(), own.end(), [&](const syntax::Decl &mine) {
      return mine.kind == decl.kind && mine.name.text == decl.name.text;
    });
  };
  bool again = std::any_of(imports[file].begin(), imports[file].end(),
                           [&](const auto &entry) { return entry.first == target; });
  for (const auto &[other, otherOnly] : imports[file]) {
    if (again)
      break;
    for (const syntax::Decl &decl : parsed.at(target)->decls)
      for (const syntax::Decl &first : parsed.at(other)->decls) {
        const std::string &name = decl.name.text;
        bool visible =
            (only.empty() || only.count(name)) && (otherOnly.empty() || otherOnly.count(name));
        if (!visible || decl.kind == Kind::Import || first.kind != decl.kind ||
            first.name.text != name || areOverloads(first, decl) || isShadowed(decl))
          continue;
        engine
            .report(diag::Code::DuplicateName, span,
                    "two imports declare the " + std::string(kindName(decl.kind)) + " `" + name +
                        "`")
            .label("the second")
            .found("`" + name + "` in `" + sources.file(other).path + "` and in `" +
                   sources.file(target).path + "`")
            .expected("one declaration of each name")
            .help("import by name what is meant, or rename one of them")
            .note(first.name.span, "first declared here")
            .note(decl.name.span, "and here");
      }
  }
  imports[file].push_back({target, only});
}

void Program::loadImports(uint32_t file, std::vector<uint32_t> &active) {
  active.push_back(file);
  fs::path folder = fs::path(sources.file(file).path).parent_path();
  for (const syntax::Decl &decl : parsed.at(file)->decls) {
    if (decl.kind != Kind::Import)
      continue;
    std::vector<std::pair<std::string, std::string>> wanted; // path without folder, name
    if (!decl.importFile.empty()) {
      wanted.push_back({decl.importFile, ""});
    } else {
      std::string path;
      for (const syntax::Name &name : decl.path)
        path += (path.empty() ? "" : "/") + name.text;
      bool whole =
          isFile((folder / (path + ".advx")).string()) || isFile(stdlibDir + "/" + path + ".advx");
      if (decl.importNames.empty() || whole)
        wanted.push_back({path + ".advx", ""});
      else
        for (const syntax::Name &name : decl.importNames)
          wanted.push_back({path + "/" + name.text + ".advx", name.text});
    }
    for (auto &[path, name] : wanted) {
      std::string full = fs::path(path).is_absolute() ? path : (folder / path).string();
      if (!isFile(full) && isFile(stdlibDir + "/" + path))
        full = stdlibDir + "/" + path;
      std::string problem;
      uint32_t target = fileOf(full, problem);
      if (target == UINT32_MAX) {
        engine.report(diag::Code::MissingImport, decl.span, "cannot read `" + path + "`")
            .label("imported here")
            .found(problem)
            .expected("a file beside this one or in the standard library")
            .help(importHelp(path));
        continue;
      }
      auto cycle = std::find(active.begin(), active.end(), target);
      if (cycle != active.end()) {
        std::string road;
        for (auto it = cycle; it != active.end(); ++it)
          road += "`" + sources.file(*it).path + "` imports ";
        engine.report(diag::Code::CyclicImport, decl.span, "the imports form a cycle")
            .label("leads back to a file that is being read")
            .found(road + "`" + sources.file(target).path + "`")
            .expected("files that do not import one another in a circle")
            .help("move what both need into a third file and import that");
        continue;
      }
      bool known = parsed.count(target);
      bool isDeep = active.size() > limits::importChain;
      if (!known && (isDeep || parsed.size() > limits::imports)) {
        engine
            .report(diag::Code::TooDeep, decl.span,
                    isDeep ? "the imports nest too deeply" : "the page imports too many files")
            .label("one more")
            .found(isDeep ? std::to_string(active.size()) + " files that import one another"
                          : std::to_string(parsed.size()) + " files")
            .expected("no more than " +
                      std::to_string(isDeep ? limits::importChain : limits::imports))
            .help("put the declarations into fewer files");
        active.pop_back();
        return;
      }
      parse(target);
      std::set<std::string> only;
      for (const syntax::Name &imported : decl.importNames) {
        const auto &decls = parsed.at(target)->decls;
        bool found = std::any_of(decls.begin(), decls.end(), [&](const syntax::Decl &d) {
          return d.name.text == imported.text;
        });
        if (found)
          only.insert(imported.text);
        else if (name.empty() || name == imported.text)
          engine
              .report(diag::Code::UnknownName, imported.span,
                      "`" + path + "` declares no `" + imported.text + "`")
              .label("not declared there")
              .help("look at the file for the name it uses");
      }
      addImport(file, target, only, decl.span);
      if (!known) {
        checkDuplicates(*parsed.at(target));
        loadImports(target, active);
      }
    }
  }
  active.pop_back();
}

std::vector<const syntax::Decl *> Program::find(Kind kind, const std::string &name,
                                                uint32_t fromFile) const {
  std::vector<const syntax::Decl *> result;
  auto collect = [&](const syntax::File &file) {
    for (const syntax::Decl &decl : file.decls)
      if (decl.kind == kind && decl.name.text == name)
        result.push_back(&decl);
  };
  auto own = parsed.find(fromFile);
  if (own != parsed.end())
    collect(*own->second);
  auto imported = imports.find(fromFile);
  std::set<uint32_t> read; // an import may be written twice
  if (result.empty() && imported != imports.end())
    for (const auto &[file, only] : imported->second)
      if ((only.empty() || only.count(name)) && read.insert(file).second)
        collect(*parsed.at(file));
  if (!result.empty())
    return result;
  std::set<std::string> seen;
  for (const Entry &entry : stdlib)
    if (entry.kind == kind && entry.name == name && seen.insert(entry.path).second)
      if (const syntax::File *file = stdlibFile(entry.path))
        collect(*file);
  return result;
}

std::vector<std::string> Program::names(Kind kind, uint32_t fromFile) const {
  std::vector<std::string> result;
  auto collect = [&](uint32_t file) {
    for (const syntax::Decl &decl : parsed.at(file)->decls)
      if (decl.kind == kind)
        result.push_back(decl.name.text);
  };
  if (parsed.count(fromFile))
    collect(fromFile);
  auto imported = imports.find(fromFile);
  if (imported != imports.end())
    for (const auto &[file, only] : imported->second)
      collect(file);
  for (const Entry &entry : stdlib)
    if (entry.kind == kind)
      result.push_back(entry.name);
  return result;
}

std::shared_ptr<Program> load(SourceManager &sources, uint32_t userFile, const LoadOptions &options,
                              diag::Engine &engine) {
  auto program = std::make_shared<Program>(sources, engine);
  program->user = userFile;
  program->stdlibDir = options.stdlibDir;
  while (program->stdlibDir.size() > 1 && program->stdlibDir.back() == '/')
    program->stdlibDir.pop_back();
  program->opened[canonical(sources.file(userFile).path)] = userFile;
  if (!program->stdlibDir.empty())
    program->indexStdlib(program->stdlibDir);
  program->parse(userFile);
  program->checkDuplicates(program->userFile());
  std::vector<uint32_t> active;
  program->loadImports(userFile, active);
  return program;
}

std::vector<std::string> experimentNames(const Program &program) {
  std::vector<std::string> names;
  for (const syntax::Experiment &experiment : program.userFile().experiments)
    names.push_back(experiment.name.text);
  return names;
}

} // namespace advx::sema
