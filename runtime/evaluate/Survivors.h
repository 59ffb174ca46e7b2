#ifndef ADVX_RUNTIME_EVALUATE_SURVIVORS_H
#define ADVX_RUNTIME_EVALUATE_SURVIVORS_H

#include "runtime/core/Manifest.h"

namespace advx::runtime {

/// The lines that a line inside `worst` comes after, in its braces and in those around them: what
/// one of them has broken, it need not attack. None for a line that says something of all
/// examples: one that is not inside, or that a second `worst` names too. Indices into the
/// evaluation's lines, all below `line`.
std::optional<std::vector<size_t>> linesBefore(const Evaluation &evaluation, size_t line);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_EVALUATE_SURVIVORS_H
