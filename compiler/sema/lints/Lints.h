#ifndef ADVX_SEMA_LINTS_LINTS_H
#define ADVX_SEMA_LINTS_LINTS_H

#include "compiler/sema/Room.h"

namespace advx::sema {

/// Refuses batch norms over one value.
void checkBatchStatistics(const Tools &tools);

/// What a correct experiment probably does not mean: all of the next four.
void lint(const Tools &tools);
/// Margins, starts and steps of attacks.
void lintAttacks(const Tools &tools);
/// Radii and standardisations in other units than the data's.
void lintUnits(const Tools &tools);
/// Heads that are attacked at one scale only.
void lintScales(const Tools &tools);
/// Inner problems that nothing uses, and a test split that selects.
void lintProblem(const Tools &tools);

/// What the text of a correct page probably does not mean.
void lintPage(const Tools &tools);

} // namespace advx::sema

#endif
