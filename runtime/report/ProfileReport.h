#ifndef ADVX_RUNTIME_REPORT_PROFILEREPORT_H
#define ADVX_RUNTIME_REPORT_PROFILEREPORT_H

#include "runtime/core/Profile.h"

namespace advx::runtime {

/// The profile as JSON: `steps`, each [examples, wall seconds, CPU seconds] in order, and
/// `places`, each with calls, wall and CPU seconds and bytes, the longest first, over the steps
/// after the first where there are others.
std::string profileJson(const Profile &profile);

/// The same for people: examples a second (the median of the steps after the first) and
/// each place's share of the CPU time.
std::string profileTable(const Profile &profile);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_REPORT_PROFILEREPORT_H
