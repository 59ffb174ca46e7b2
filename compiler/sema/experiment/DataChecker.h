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
  /// What follows `augment =`, not read yet; null where nothing does.
  const syntax::Expr *augment() const { return augmentList; }

private:
  ExprChecker &exprChecker;
  DatasetText datasetText;
  const syntax::Expr *augmentList = nullptr;
};

} // namespace advx::sema

#endif
