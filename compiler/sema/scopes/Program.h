#ifndef ADVX_SEMA_SCOPES_PROGRAM_H
#define ADVX_SEMA_SCOPES_PROGRAM_H

//===- Program.h - All files that a page can see ---------------------------===//
//
// The user's file and its imports are parsed at once. The standard library is
// indexed by a scan for the first words of declarations, and a file of it is
// parsed when a name in it is asked for.
//
//===----------------------------------------------------------------------===//

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/sema/Sema.h"
#include "compiler/syntax/AST.h"

#include <map>
#include <set>

namespace advx::sema {

class Program {
public:
  using Kind = syntax::Decl::Kind;

  Program(SourceManager &sources, diag::Engine &engine) : sources(sources), engine(engine) {}

  /// Declarations called `name` of one kind, as seen from `fromFile`: its own, then
  /// those of its imports, then the standard library's. Overloads stand together.
  std::vector<const syntax::Decl *> find(Kind kind, const std::string &name,
                                         uint32_t fromFile) const;
  /// Every name of a kind in scope, for suggestions.
  std::vector<std::string> names(Kind kind, uint32_t fromFile) const;

  const syntax::File &userFile() const { return *parsed.at(user); }
  uint32_t userFileIndex() const { return user; }
  SourceManager &sourceManager() const { return sources; }

private:
  friend std::shared_ptr<Program> load(SourceManager &, uint32_t, const LoadOptions &,
                                       diag::Engine &);

  struct Entry {
    Kind kind;
    std::string name;
    std::string path;
  };

  void parse(uint32_t file) const;
  void loadImports(uint32_t file, std::vector<uint32_t> &active);
  void indexStdlib(const std::string &folder);
  /// The index of a file, or UINT32_MAX and why it cannot be read.
  uint32_t fileOf(const std::string &path, std::string &problem) const;
  void addImport(uint32_t file, uint32_t target, const std::set<std::string> &only, Span span);
  void checkDuplicates(const syntax::File &file) const;
  const syntax::File *stdlibFile(const std::string &path) const;

  SourceManager &sources;
  diag::Engine &engine;
  uint32_t user = 0;
  std::string stdlibDir;
  mutable std::map<uint32_t, std::unique_ptr<syntax::File>> parsed;
  mutable std::map<std::string, uint32_t> opened; ///< Canonical path to source index.
  std::map<uint32_t, std::vector<std::pair<uint32_t, std::set<std::string>>>> imports;
  std::vector<Entry> stdlib;
};

/// Reports a type that does not exist.
void checkType(const syntax::TypeExpr &type, diag::Engine &engine);

} // namespace advx::sema

#endif // ADVX_SEMA_SCOPES_PROGRAM_H
