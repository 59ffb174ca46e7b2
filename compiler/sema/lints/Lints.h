#ifndef ADVX_SEMA_LINTS_LINTS_H
#define ADVX_SEMA_LINTS_LINTS_H

#include "compiler/sema/Room.h"

namespace advx::sema {

/// Refuses batch norms over one value.
void checkBatchStatistics(const Tools &tools);

/// What a correct experiment probably does not mean.
void lint(const Tools &tools);

/// What the text of a correct page probably does not mean.
void lintPage(const Tools &tools);

} // namespace advx::sema

#endif
