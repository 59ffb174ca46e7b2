#ifndef ADVX_SEMA_SCOPES_USES_H
#define ADVX_SEMA_SCOPES_USES_H

#include "compiler/sema/Sema.h"
#include "compiler/sema/scopes/Values.h"

#include <map>
#include <utility>

namespace advx::sema {

/// Where each name that was read is declared; each place once, whatever reads it again.
class Uses {
public:
  void note(Span use, Span declaration) {
    if (use.isValid() && declaration.isValid())
      places[{use.file, use.begin}] = {use, declaration};
  }

  /// What a name stands for; null where nothing declares it.
  const Value *find(const Scope &scope, const syntax::Expr &name) {
    const Value *value = scope.find(name.text);
    if (value)
      note(name.span, value->span);
    return value;
  }

  /// In the order of the text.
  std::vector<Use> all() const {
    std::vector<Use> result;
    for (const auto &[place, use] : places)
      result.push_back(use);
    return result;
  }

private:
  std::map<std::pair<uint32_t, uint32_t>, Use> places;
};

} // namespace advx::sema

#endif
