//===- Lints.cpp - Pages that are valid and probably not what was meant -------===//
//
// Every lint asks what the checked page computes, never what something is called:
// a renamed loss, solver or head gets the same answer. Each has a find and a say.
//
//===----------------------------------------------------------------------===//

#include "compiler/sema/lints/Lints.h"

namespace advx::sema {

void lint(const Tools &tools) {
  lintAttacks(tools);
  lintUnits(tools);
  lintScales(tools);
  lintProblem(tools);
}

} // namespace advx::sema
