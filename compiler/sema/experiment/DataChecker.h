#ifndef ADVX_SEMA_EXPERIMENT_DATACHECKER_H
#define ADVX_SEMA_EXPERIMENT_DATACHECKER_H

#include "compiler/sema/experiment/DatasetText.h"

namespace advx::sema {

/// The line of the data.
class DataChecker : Room {
public:
  DataChecker(const Tools &tools, ExprChecker &exprChecker)
      : Room(tools), exprChecker(exprChecker), datasetText(tools, exprChecker) {}

  void checkData(const syntax::Item &item);

private:
  ExprChecker &exprChecker;
  DatasetText datasetText;
};

} // namespace advx::sema

#endif
