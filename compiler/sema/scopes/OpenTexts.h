#ifndef ADVX_SEMA_SCOPES_OPENTEXTS_H
#define ADVX_SEMA_SCOPES_OPENTEXTS_H

#include "compiler/sema/scopes/Findings.h"
#include "compiler/syntax/AST.h"

namespace advx::sema {

/// The declarations whose texts are being read: none is read inside itself.
class OpenTexts {
public:
  enum class Part {
    Body,
    Signature, ///< Types and defaults of the parameters.
  };

  explicit OpenTexts(Findings &findings) : findings(findings) {}

  /// A declaration that is being read as long as it lives. False, after a report, where it
  /// is being read already or too many are.
  class Inside {
  public:
    Inside(OpenTexts &open, Part part, const syntax::Decl &decl, Span use);
    ~Inside() {
      if (entered)
        active.pop_back();
    }
    Inside(const Inside &) = delete;
    Inside &operator=(const Inside &) = delete;
    explicit operator bool() const { return entered; }

  private:
    std::vector<const syntax::Decl *> &active;
    bool entered = false;
  };

private:
  Findings &findings;
  std::vector<const syntax::Decl *> bodies, signatures;
};

} // namespace advx::sema

#endif
