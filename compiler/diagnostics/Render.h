#ifndef ADVX_COMPILER_DIAGNOSTICS_RENDER_H
#define ADVX_COMPILER_DIAGNOSTICS_RENDER_H

#include "compiler/diagnostics/Diagnostic.h"

#include <string>

namespace advx::diag {

struct RenderOptions {
  bool color = false;
  unsigned limit = 20; ///< Findings shown; how many more there are is said.
};

/// One finding as a person reads it: title, place, source with carets, what was
/// found and expected, one next step. Ends with a newline.
std::string render(const Diagnostic &finding, const SourceManager &sources, bool color = false);

/// All findings in order, an empty line between them, and a line that counts them
/// and names `advx explain`. Empty where there are none.
std::string render(const Engine &engine, const RenderOptions &options = {});

/// {"diagnostics": [...], "errors": n, "lints": n, "allowed": n}; lines and columns
/// count from 1, columns count code points, ends are exclusive.
std::string renderJson(const Engine &engine);

/// Whether a person looks at this file descriptor and has not asked for no colour.
bool wantsColor(int descriptor);

} // namespace advx::diag

#endif // ADVX_COMPILER_DIAGNOSTICS_RENDER_H
