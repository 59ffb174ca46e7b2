#include "compiler/sema/scopes/OpenTexts.h"
#include "compiler/sema/scopes/Limits.h"
#include "compiler/sema/scopes/Program.h"
#include "compiler/syntax/DeclWords.h"

#include <algorithm>

namespace advx::sema {

OpenTexts::Inside::Inside(OpenTexts &open, Part part, const syntax::Decl &decl, Span use)
    : active(part == Part::Body ? open.bodies : open.signatures) {
  using Decl = syntax::Decl;
  const std::string name = "`" + decl.name.text + "`";
  const std::string kind = kindName(decl.kind);
  if (std::find(active.begin(), active.end(), &decl) != active.end()) {
    bool signature = part == Part::Signature;
    bool function = decl.kind == Decl::Kind::Fn;
    open.findings
        .report(diag::Code::Recursion, use,
                signature  ? "the parameters of " + name + " lead back to " + name
                : function ? name + " calls itself"
                           : "the " + kind + " " + name + " contains itself")
        .label("leads back to " + std::string(function || signature ? "a text" : "a " + kind) +
               " that is being read")
        .found(function ? "a cycle of calls" : "a cycle of " + kind + "s")
        .expected("text that ends: there is no recursion")
        .help(signature ? "write the value of the default out"
              : decl.kind == Decl::Kind::Network
                  ? "use indexed layers, as in `layer b[i in 0..3] = …`"
              : decl.kind == Decl::Kind::Attack ? "list what it should try"
              : decl.kind == Decl::Kind::Set    ? "write the projection out"
                                             : "write the steps out, or use `repeat` in a solver")
        .note(decl.name.span, "declared here");
    return;
  }
  if (active.size() >= limits::texts) {
    open.findings.report(diag::Code::TooDeep, use, "the texts nest too deeply")
        .label("one more inside")
        .found(std::to_string(active.size() + 1) + " texts inside one another")
        .expected("no more than " + std::to_string(limits::texts))
        .help("write some of them out where they are used");
    return;
  }
  active.push_back(&decl);
  entered = true;
}

} // namespace advx::sema
