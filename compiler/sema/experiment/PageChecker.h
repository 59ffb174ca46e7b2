#ifndef ADVX_SEMA_EXPERIMENT_PAGECHECKER_H
#define ADVX_SEMA_EXPERIMENT_PAGECHECKER_H

#include "compiler/sema/Room.h"

namespace advx::sema {

class AugmentationChecker;
class DataChecker;
class EvaluationChecker;
class ExprChecker;
class LetChecker;
class ModelChecker;
class ProblemChecker;
class SetChecker;
class SetRanges;
class SweepChecker;

/// A page, line by line.
class PageChecker : Room {
public:
  PageChecker(const Tools &tools, ExprChecker &exprChecker, ModelChecker &modelChecker,
              SetChecker &setChecker, SetRanges &setRanges, LetChecker &letChecker,
              DataChecker &dataChecker, AugmentationChecker &augmentationChecker,
              ProblemChecker &problemChecker, EvaluationChecker &evaluationChecker,
              SweepChecker &sweepChecker)
      : Room(tools), exprChecker(exprChecker), modelChecker(modelChecker), setChecker(setChecker),
        setRanges(setRanges), letChecker(letChecker), dataChecker(dataChecker),
        augmentationChecker(augmentationChecker), problemChecker(problemChecker),
        evaluationChecker(evaluationChecker), sweepChecker(sweepChecker) {}

  /// False after an error.
  bool run();

private:
  void reportLostItems();
  void checkItem(const syntax::Item &item);

  ExprChecker &exprChecker;
  ModelChecker &modelChecker;
  SetChecker &setChecker;
  SetRanges &setRanges;
  LetChecker &letChecker;
  DataChecker &dataChecker;
  AugmentationChecker &augmentationChecker;
  ProblemChecker &problemChecker;
  EvaluationChecker &evaluationChecker;
  SweepChecker &sweepChecker;
};

} // namespace advx::sema

#endif
