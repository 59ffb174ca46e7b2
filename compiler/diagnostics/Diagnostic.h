#ifndef ADVX_COMPILER_DIAGNOSTICS_DIAGNOSTIC_H
#define ADVX_COMPILER_DIAGNOSTICS_DIAGNOSTIC_H

//===- Diagnostic.h - What the compiler has to say about a page ----------===//
//
// A phase reports through the Engine:
//
//   engine.report(diag::Code::UnknownName, name.span, "unknown name `pdg`")
//       .label("nothing declares this")
//       .found("`pdg`")
//       .expected("a solver")
//       .help("did you mean `pgd`?")
//       .note(decl.span, "`pgd` is declared here");
//
// Rendering is separate (Render.h), so the same record serves terminals, JSON
// and tests. Codes live in Codes.def, their pages in docs/diagnostics.
//
//===----------------------------------------------------------------------===//

#include "compiler/source/Source.h"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace advx::diag {

enum class Severity { Error, Lint, Note };

enum class Code : uint16_t {
#define ADVX_CODE(number, name, severity, title) name,
#include "compiler/diagnostics/Codes.def"
#undef ADVX_CODE
};

/// What Codes.def says about a code.
struct CodeInfo {
  Code code;
  std::string_view id; ///< "ADVX0201".
  Severity severity;
  std::string_view title;
};

const CodeInfo &info(Code code);
/// Every code, in the order of Codes.def.
const std::vector<CodeInfo> &allCodes();
/// The code with this id ("ADVX0201", letters in either case), or nothing.
std::optional<Code> findCode(std::string_view id);

/// A second place that explains the first.
struct Secondary {
  Span span;
  std::string label;
};

/// One finding. Texts are lower case, without a full stop; names stand in back quotes.
struct Diagnostic {
  Code code;
  Severity severity;
  Span primary;
  std::string message;
  std::string primaryLabel;
  std::string foundText;
  std::string expectedText;
  std::string helpText; ///< One next step, best one that can be pasted.
  std::vector<Secondary> secondary;

  Diagnostic(Code code, Span primary, std::string message)
      : code(code), severity(info(code).severity), primary(primary), message(std::move(message)) {}

  /// Text beside the caret.
  Diagnostic &label(std::string text) { return primaryLabel = std::move(text), *this; }
  Diagnostic &found(std::string text) { return foundText = std::move(text), *this; }
  Diagnostic &expected(std::string text) { return expectedText = std::move(text), *this; }
  Diagnostic &help(std::string text) { return helpText = std::move(text), *this; }
  /// Adds a second place; ignored where `span` names none.
  Diagnostic &note(Span span, std::string text) {
    if (span.isValid())
      secondary.push_back({span, std::move(text)});
    return *this;
  }
};

/// Collects the findings of one compilation. A second finding with the same code
/// at the same place is dropped; a lint that the page allows is counted, not kept.
class Engine {
public:
  explicit Engine(const SourceManager &sources) : sourceManager(sources) {}
  Engine(const Engine &) = delete;
  Engine &operator=(const Engine &) = delete;

  /// Records a finding; the reference stays valid as long as the engine.
  Diagnostic &report(Code code, Span primary, std::string message);

  /// Silences the lint `code` on the first line with code after line `line` of
  /// `file`, or on that line itself where the comment ends it.
  void allow(Code code, uint32_t file, uint32_t line);

  /// Number of findings of severity Error.
  unsigned errorCount() const { return errors; }
  bool hasErrors() const { return errors != 0; }
  unsigned allowedCount() const { return allowedLints; }

  /// Findings ordered by file and place; those of one place in order of report.
  std::vector<const Diagnostic *> sorted() const;
  const SourceManager &sources() const { return sourceManager; }

private:
  bool isAllowed(Code code, Span place) const;

  struct Allowed {
    Code code;
    uint32_t file;
    uint32_t line;
  };
  const SourceManager &sourceManager;
  std::deque<Diagnostic> findings;
  std::deque<Diagnostic> dropped; ///< Keeps references to dropped findings valid.
  std::vector<Allowed> allowances;
  unsigned errors = 0;
  unsigned allowedLints = 0;
};

} // namespace advx::diag

#endif // ADVX_COMPILER_DIAGNOSTICS_DIAGNOSTIC_H
