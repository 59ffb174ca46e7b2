#ifndef ADVX_COMPILER_DIAGNOSTICS_EXPLAIN_H
#define ADVX_COMPILER_DIAGNOSTICS_EXPLAIN_H

#include "compiler/diagnostics/Diagnostic.h"

#include <string_view>

namespace advx::diag {

/// The page docs/diagnostics/<id>.md, built into the program; empty where a code
/// has none, which a test forbids.
std::string_view explain(Code code);

} // namespace advx::diag

#endif // ADVX_COMPILER_DIAGNOSTICS_EXPLAIN_H
