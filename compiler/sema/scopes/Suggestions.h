#ifndef ADVX_SEMA_SCOPES_SUGGESTIONS_H
#define ADVX_SEMA_SCOPES_SUGGESTIONS_H

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/diagnostics/FieldNames.h"
#include "compiler/sema/scopes/Env.h"

#include <set>
#include <string>
#include <vector>

namespace advx::sema {

class ExprChecker;
class Findings;
class Program;
class Sheet;

/// What to say about a name that nothing declares.
class Suggestions {
public:
  Suggestions(const Program &program, Sheet &sheet, Findings &findings, ExprChecker &exprChecker)
      : program(program), sheet(sheet), findings(findings), exprChecker(exprChecker) {}

  std::string suggest(const std::string &name, const std::vector<std::string> &known) const;
  std::vector<std::string> namesIn(const Scope &scope) const;
  std::vector<std::string> callableNames(const Scope &scope) const;
  std::string boundOnPage(syntax::Item::Kind kind, const std::string &otherwise) const;
  std::string foreignHelp(std::initializer_list<diag::NamePlace> places, const std::string &name,
                          const std::vector<std::string> &known, const std::string &args) const;
  std::string nameHelp(std::initializer_list<diag::NamePlace> places, const std::string &name,
                       const std::vector<std::string> &known, const std::string &args = "") const;
  std::string unknownLineHelp(const std::string &name, const std::vector<std::string> &known) const;
  std::string foreignHeadHelp(const syntax::Expr &value) const;
  bool isFirstUnknown(const std::string &name, Span span);
  void unknownName(const syntax::Expr &expr, Env &env);
  void unknownFunction(const syntax::Expr &call, const std::string &name, Span span, Env &env);
  void unknownMode(const std::string &name, Span span);
  /// `solver` is the name, used in `file`.
  void unknownSolver(const syntax::Expr &solver, uint32_t file);
  bool isMisspeltArgument(const syntax::Arg &arg, const std::vector<std::string> &params,
                          const std::string &callee);

private:
  bool explainOrder(diag::Diagnostic &diagnostic, const std::string &text, Span span);

  const Program &program;
  Sheet &sheet;
  Findings &findings;
  ExprChecker &exprChecker;
  std::set<std::pair<uint32_t, std::string>> unknownNames; ///< Reported, by file.
};

} // namespace advx::sema

#endif
