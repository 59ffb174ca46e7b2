#include "compiler/sema/Checker.h"
#include "compiler/sema/adversaries/GradientPaths.h"
#include "compiler/sema/experiment/ScheduleRanges.h"
#include "compiler/sema/lints/Lints.h"

namespace advx::sema {

std::unique_ptr<Experiment> Checker::run() {
  if (!pageChecker.run())
    return nullptr;
  checkBatchStatistics(tools);
  checkGradients(tools);
  checkScheduleRanges(tools);
  lint(tools);
  if (!engine.hasErrors())
    lintPage(tools);
  return std::move(sheet.experiment);
}

} // namespace advx::sema
