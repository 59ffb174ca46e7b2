#ifndef ADVX_SEMA_SCOPES_FINDINGS_H
#define ADVX_SEMA_SCOPES_FINDINGS_H

#include "compiler/diagnostics/Diagnostic.h"

#include <string>
#include <utility>
#include <vector>

namespace advx::sema {

class Program;

/// What the checker says about a page: errors, lints and what is not supported yet, each with the
/// texts that are being read around the place.
class Findings {
public:
  Findings(const Program &program, diag::Engine &engine) : program(program), engine(engine) {}

  diag::Diagnostic &report(diag::Code code, Span span, std::string message);
  void unsupported(Span span, const std::string &construct, const std::string &instead = "");
  /// A value given a second time at `second`; a `first` that is no place is not shown.
  void givenTwice(Span second, const std::string &name, Span first = Span());
  /// A condition of `type`, which is no single truth value.
  void notACondition(Span condition, const std::string &type);
  /// The text at a place, on one line and without control characters.
  std::string source(Span span) const;

  /// "In this call of …", for all findings as long as it lives.
  class Frame {
  public:
    Frame(Findings &findings, Span span, std::string text) : findings(findings) {
      findings.frames.push_back({span, std::move(text)});
    }
    ~Frame() { findings.frames.pop_back(); }
    Frame(const Frame &) = delete;
    Frame &operator=(const Frame &) = delete;

  private:
    Findings &findings;
  };

private:
  const Program &program;
  diag::Engine &engine;
  std::vector<std::pair<Span, std::string>> frames; ///< Outermost first.
};

} // namespace advx::sema

#endif
