#ifndef ADVX_SEMA_SCOPES_BINDER_H
#define ADVX_SEMA_SCOPES_BINDER_H

#include "compiler/sema/scopes/Values.h"

#include <string>
#include <vector>

namespace advx::sema {

class Findings;
class Suggestions;

/// Arguments to parameters, and names to scopes.
class Binder {
public:
  Binder(Findings &findings, Suggestions &suggestions)
      : findings(findings), suggestions(suggestions) {}

  /// The arguments in order of `params`, null where one is missing; but the argument named
  /// `except`. False after an error.
  bool bindArguments(const std::vector<std::string> &params, size_t required,
                     const std::vector<syntax::Arg> &args, size_t skip, Span call,
                     const std::string &callee, Span declared,
                     std::vector<const syntax::Arg *> &bound, const std::string &except = "");
  /// Whether `scope` itself has no such name yet; reports where it has.
  bool isFree(const Scope &scope, const syntax::Name &name);
  /// Names `value`, unless the name is taken.
  bool declareName(Scope &scope, const syntax::Name &name, Value value);

private:
  Findings &findings;
  Suggestions &suggestions;
};

} // namespace advx::sema

#endif
