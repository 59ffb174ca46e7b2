#ifndef ADVX_SEMA_EXPERIMENT_SWEEPCHECKER_H
#define ADVX_SEMA_EXPERIMENT_SWEEPCHECKER_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class IndexRanges;

/// `sweep s in [1, 5], seed in 0..2`: which settings a family of runs goes over.
class SweepChecker : Room {
public:
  /// Runs of one sweep.
  static constexpr int64_t most = 100000;

  SweepChecker(const Tools &tools, IndexRanges &indexRanges)
      : Room(tools), indexRanges(indexRanges) {}

  /// Looks at the line when all others have been read: they declare what it names.
  void check();

private:
  void checkAxis(const syntax::Arg &axis);
  /// The setting, or null after a report; `seed` is none.
  const Setting *settingOf(const syntax::Arg &axis);
  /// The text of one value, as a run sets it; nothing after a report.
  std::optional<std::string> valueText(const Value &value, const syntax::Arg &axis,
                                       const Setting *setting);

  IndexRanges &indexRanges;
};

} // namespace advx::sema

#endif
