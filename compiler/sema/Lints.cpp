#include "compiler/sema/Checker.h"

namespace advx::sema {

void lint(Checker &) {}

} // namespace advx::sema
