#ifndef ADVX_SEMA_ADVERSARIES_GRADIENTPATHS_H
#define ADVX_SEMA_ADVERSARIES_GRADIENTPATHS_H

#include "compiler/sema/Room.h"

namespace advx::sema {

/// Refuses gradients that lead through a `repeat`.
void checkGradients(const Tools &tools);

} // namespace advx::sema

#endif
