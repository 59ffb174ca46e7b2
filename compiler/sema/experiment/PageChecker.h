#ifndef ADVX_SEMA_EXPERIMENT_PAGECHECKER_H
#define ADVX_SEMA_EXPERIMENT_PAGECHECKER_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class AugmentationChecker;
class DataChecker;
class EvaluationChecker;
class LetChecker;
class ModelChecker;
class ProblemChecker;
class SetChecker;
class SetRanges;
class StateChecker;
class StopChecker;
class SweepChecker;

/// A page, line by line.
class PageChecker : Room {
public:
  PageChecker(const Tools &tools, ModelChecker &modelChecker, SetChecker &setChecker,
              SetRanges &setRanges, LetChecker &letChecker, DataChecker &dataChecker,
              AugmentationChecker &augmentationChecker, ProblemChecker &problemChecker,
              EvaluationChecker &evaluationChecker, SweepChecker &sweepChecker,
              StopChecker &stopChecker, StateChecker &stateChecker)
      : Room(tools), modelChecker(modelChecker), setChecker(setChecker), setRanges(setRanges),
        letChecker(letChecker), dataChecker(dataChecker), augmentationChecker(augmentationChecker),
        problemChecker(problemChecker), evaluationChecker(evaluationChecker),
        sweepChecker(sweepChecker), stopChecker(stopChecker), stateChecker(stateChecker) {}

  /// False after an error.
  bool run();

private:
  void reportLostItems();
  void checkItem(const syntax::Item &item);

  ModelChecker &modelChecker;
  SetChecker &setChecker;
  SetRanges &setRanges;
  LetChecker &letChecker;
  DataChecker &dataChecker;
  AugmentationChecker &augmentationChecker;
  ProblemChecker &problemChecker;
  EvaluationChecker &evaluationChecker;
  SweepChecker &sweepChecker;
  StopChecker &stopChecker;
  StateChecker &stateChecker;
};

} // namespace advx::sema

#endif
