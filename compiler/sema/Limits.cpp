//===- Limits.cpp - Where a page is refused for its size ----------------------===//

#include "compiler/sema/Limits.h"
#include "compiler/sema/Checker.h"

#include <algorithm>
#include <utility>

namespace advx::sema {

Checker::Inside::Inside(Checker &checker, std::vector<const Decl *> &active, const Decl &decl,
                        Span use)
    : active(active) {
  const std::string name = "`" + decl.name.text + "`";
  const std::string kind = kindName(decl.kind);
  if (std::find(active.begin(), active.end(), &decl) != active.end()) {
    bool signature = &active == &checker.activeSignatures;
    bool function = decl.kind == Decl::Kind::Fn;
    checker
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
    checker.report(diag::Code::TooDeep, use, "the texts nest too deeply")
        .label("one more inside")
        .found(std::to_string(active.size() + 1) + " texts inside one another")
        .expected("no more than " + std::to_string(limits::texts))
        .help("write some of them out where they are used");
    return;
  }
  active.push_back(&decl);
  entered = true;
}

bool Checker::checkRange(int64_t value, int64_t low, int64_t high, Span span,
                         const std::string &what) {
  if (low <= value && value <= high)
    return true;
  report(diag::Code::WrongArgument, span, what + (value < low ? " is too small" : " is too large"))
      .label("here")
      .found("`" + std::to_string(value) + "`")
      .expected(std::to_string(low) + " to " + std::to_string(high))
      .help("choose a number in that range");
  return false;
}

bool Checker::checkSize(const std::vector<int64_t> &shape, Span span, const std::string &what) {
  if (limits::elementsOf(shape))
    return true;
  report(diag::Code::TooLarge, span, what + " is too large")
      .label("here")
      .found(shapeText(shape))
      .expected("no more than " + std::to_string(limits::elements) + " elements")
      .help("use smaller sizes");
  return false;
}

bool Checker::checkLayers(Span span) {
  if (layers.size() < limits::layers)
    return true;
  if (std::exchange(layersCounted, true))
    return false;
  report(diag::Code::TooLarge, span, "the page has too many layers")
      .label("one more")
      .found("more than " + std::to_string(limits::layers) + " layers and networks")
      .expected("no more than " + std::to_string(limits::layers))
      .help("use a smaller network");
  return false;
}

} // namespace advx::sema
