#ifndef ADVX_SEMA_EXPERIMENT_SCHEDULERANGES_H
#define ADVX_SEMA_EXPERIMENT_SCHEDULERANGES_H

#include "compiler/sema/Room.h"

namespace advx::sema {

/// Refuses schedules of the epoch that leave their range while the page trains.
void checkScheduleRanges(const Tools &tools);

} // namespace advx::sema

#endif
